"""Which layouts a file would fit, judged by its headers and not by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.ingest.columns import base_header
from kpi_pipeline.ingest.currencies import with_named_currencies
from kpi_pipeline.ingest.formats.header import headers_of_every_file
from kpi_pipeline.ingest.look import Look, are_names

NEARLY_OURS = 0.5
"""Share of an entity's required columns, or of a file's headers that are like ours, from which on a file under our name
is one of ours that was damaged."""

LIKE_OURS = 0.7
"""How alike a header must be to one of ours to be that one, damaged."""

COLUMNS_OF_A_TOOL = 4
"""Fewer are too few to tell a tool's own export from what is left of a file."""


@dataclass(frozen=True)
class Fit:
    """How far a file has what a layout needs."""

    entity: Entity
    layout: Layout
    needed: frozenset[str]
    """The headers that the layout cannot do without."""
    missing: tuple[str, ...]
    header: tuple[str, ...] = ()
    """The row of the file that has the others."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def share(self) -> float:
        """Of the headers that are needed, those that are there."""
        return 1 - len(self.missing) / len(self.needed) if self.needed else 0


def fits(look: Look, entities: Iterable[Entity]) -> list[Fit]:
    """How the declared layouts and our own columns fit the file, the best first; only those that fit at all."""
    rows = _rows_of(look)
    found = [
        fit
        for entity in entities
        for layout in [*entity.layouts, entity.canonical_layouts[0]]
        if (fit := _fit(entity, layout, _needed(entity, layout), rows)).share > 0
    ]
    return sorted(found, key=lambda fit: (fit.share, len(fit.needed), fit.layout.format == look.format), reverse=True)


def best_fits(look: Look, entities: Iterable[Entity]) -> list[Fit]:
    """The layouts of which the file has every header; of those that need the same and less, the one that needs most."""
    whole = [fit for fit in fits(look, entities) if fit.is_whole and len(fit.needed) > 1]
    # of twins that differ in nothing but how the text is stored, the one that is meant for it
    whole = [fit for fit in whole if _is_stored_so(fit, look)] or whole
    meant = {fit.layout.edition for fit in whole if fit.layout.delimiter}
    whole = [fit for fit in whole if fit.layout.delimiter or fit.layout.edition not in meant]
    folded = {id(fit): {fold(name) for name in fit.needed} for fit in whole}
    return [
        fit
        for fit in whole
        if fit.layout.patterns == whole[0].layout.patterns
        or not any(folded[id(fit)] < folded[id(other)] for other in whole if other.layout.format == look.format)
    ]


def _is_stored_so(fit: Fit, look: Look) -> bool:
    """Whether the delimiter, where the layout names one, is the file's."""
    delimiter = fit.layout.delimiter
    return delimiter is None or any(
        list(fit.header) in table.records for table in look.tables if table.delimiter == delimiter
    )


@dataclass(frozen=True)
class Claim:
    """A layout that claims a file by its name, and whether the file's headers bear it out."""

    entity: Entity
    layout: Layout
    is_borne_out: bool


def borne_out(claims: Sequence[tuple[Entity, Sequence[Layout]]], look: Look, entities: Sequence[Entity]) -> list[Claim]:
    """Which of the `claims` on a file hold, when its name alone does not say whose it is.

    Where headers bear one out, others under other names are none; where they bear out none, all that may be meant hold,
    and the file is refused for what it lacks.
    """
    held = [claim for entity, layouts in claims if (claim := _chosen(entity, layouts, look, entities))]
    sure = [claim.layout.patterns for claim in held if claim.is_borne_out]
    return [claim for claim in held if not sure or claim.layout.patterns in sure]


def _chosen(entity: Entity, claiming: Sequence[Layout], look: Look, entities: Sequence[Entity]) -> Claim | None:
    """The layout by which the file is read into one entity.

    None where it only bears our entity's name: it has not its key, and it is a tool's own export, or has hardly any of
    our columns. A file of ours that was damaged is still ours: it is refused for what it lacks.
    """
    rows = _rows_of(look)
    first = Claim(entity, claiming[0], is_borne_out=False)
    if not rows or look.format != claiming[0].format:
        return first
    for layout in claiming:
        needed = frozenset(entity.key) if layout in entity.canonical_layouts else _needed(entity, layout)
        if _fit(entity, layout, needed, rows).is_whole:
            return Claim(entity, layout, is_borne_out=True)
    own = next((layout for layout in claiming if layout in entity.canonical_layouts), None)
    of_tools = [fit.layout for fit in best_fits(look, entities) if fit.layout not in fit.entity.canonical_layouts]
    if own is None or any(layout.patterns == claiming[0].patterns for layout in of_tools):
        return first
    if of_tools:
        return None
    return None if _is_of_another(entity, own, look, rows) else Claim(entity, own, is_borne_out=False)


def _is_of_another(entity: Entity, own: Layout, look: Look, rows: Sequence[tuple[set[str], list[str]]]) -> bool:
    """Whether a file without our key is certainly somebody else's, and not one of ours that was damaged.

    It is a whole table with names of its own: every row as wide as the header, and hardly a name like one of ours.
    """
    if _fit(entity, own, _needed(entity, own), rows).share >= NEARLY_OURS:
        return False
    table = max(look.tables, key=lambda table: len(table.records[table.header_row()]))
    number = table.header_row()
    header = [fold(name) for name in table.records[number]]
    is_whole = len({len(record) for record in table.records[number:]}) == 1 and "\ufffd" not in "".join(header)
    if number > 0 or len(header) < COLUMNS_OF_A_TOOL or not is_whole or not are_names(table.records[number]):
        return False
    ours = [fold(column.name) for column in entity.columns]
    like_ours = sum(bool(difflib.get_close_matches(name, ours, n=1, cutoff=LIKE_OURS)) for name in header)
    return like_ours < NEARLY_OURS * len(header)


def _needed(entity: Entity, layout: Layout) -> frozenset[str]:
    if layout in entity.canonical_layouts:
        return frozenset(entity.key) | {column.name for column in entity.columns if column.required}
    return frozenset(
        {base_header(name, []) if layout.format == "jsonl" else name for name in headers_of_every_file(layout)}
        | {*layout.leave_out, *layout.only}
    )


def _rows_of(look: Look) -> list[tuple[set[str], list[str]]]:
    return [({fold(cell) for cell in record}, record) for record in look.headers]


def _fit(entity: Entity, layout: Layout, needed: frozenset[str], rows: Sequence[tuple[set[str], list[str]]]) -> Fit:
    """By the row that has most of what is needed."""
    wanted = {name: fold(name) for name in needed}
    values = set(wanted.values())
    present, header = max(rows, key=lambda row: len(values & row[0]), default=(set(), []))
    present = present | {fold(name) for name in with_named_currencies(header, layout)}
    missing = tuple(sorted(name for name, folded in wanted.items() if folded not in present))
    return Fit(entity, layout, needed, missing, tuple(header))


def described(fit: Fit) -> str:
    """The layout as people know it."""
    if fit.layout in fit.entity.canonical_layouts:
        return f"our own columns of {fit.entity.name}"
    return fit.layout.name


def by_name(found: Iterable[Fit]) -> Iterator[tuple[Layout, str]]:
    """The fits by the name that their files have: a layout of each, and what the layouts of that name are called."""
    grouped: dict[str, list[Fit]] = {}
    for fit in found:
        grouped.setdefault(fit.layout.patterns[0], []).append(fit)
    for group in grouped.values():
        yield group[0].layout, " and ".join(described(fit) for fit in group)
