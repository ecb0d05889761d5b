"""The header of a file: where it stands, which of its names the layout means, and which cannot be used.

Names are compared as `contracts.spelling.fold` does, and from here on they are spelled as the layout spells them:
nobody behind this module meets a header of another form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.columns import base_header, headers_asked_for
from kpi_pipeline.ingest.currencies import with_named_currencies

LINES_OF_A_TITLE = 100
"""How many lines of a file are looked at to find its header."""


def headers_of_every_file(layout: Layout) -> set[str]:
    """The headers that the layout cannot do without; of alternatives, any one will do."""
    alternatives = {name for name, given in layout.columns.items() if isinstance(given, FirstOf)}
    return {header for name, headers in layout.headers.items() for header in headers if name not in alternatives}


class FoundHeader(NamedTuple):
    """The names of a header, and where it stands."""

    names: list[str]
    """As the layout spells them."""
    given: list[str]
    """As they stand in the file."""
    place: int
    is_complete: bool
    """Whether it has every header that the layout cannot do without."""


class Headers(NamedTuple):
    """The names of a file's columns, each once."""

    names: list[str]
    given: list[str]
    """As they stand in the file."""
    repeated: dict[str, list[str]]
    """A header that the layout asks for and that stands again: what its later columns are called."""


def as_asked_for(given: Sequence[str], layout: Layout) -> list[str]:
    """The names of a header as the layout spells them; one that it does not ask for stays as it is.

    The exact spelling wins: where it is there, another name of the same form is another column.
    """
    asked = _asked_for(layout)
    alike: dict[str, list[str]] = {}
    for name in asked:
        alike.setdefault(fold(name), []).append(name)
    present = asked.intersection(given)
    return [
        name if name in present else next((each for each in alike.get(fold(name), ()) if each not in present), name)
        for name in given
    ]


def _asked_for(layout: Layout) -> set[str]:
    """Every header that the layout names; of a nested value, the column that it is in."""
    named = headers_asked_for(layout) - {""}
    return named | {base_header(name, []) for name in named}


def header_among(records: Iterable[tuple[int, list[str]]], layout: Layout) -> FoundHeader | None:
    """The header among the first records of a file, each with its place: titles may stand before it.

    It is the first record that has every header that the layout cannot do without, and the first one of all where none
    has; None where there is no record.
    """
    needed = headers_of_every_file(layout)
    first = None
    for place, record in records:
        if first and len(record) < len(needed):
            continue
        given = [name.strip() for name in record]
        names = as_asked_for(given, layout)
        if needed <= with_named_currencies(names, layout):
            return FoundHeader(names, given, place, is_complete=True)
        first = first or FoundHeader(names, given, place, is_complete=False)
    return first


def no_header(what: str, layout: Layout) -> UnreadableFileError:
    """The refusal of a file of which no `what` (a line, a row) is the header."""
    wanted = ", ".join(sorted(headers_of_every_file(layout)))
    return UnreadableFileError(f"no {what} of it is the header; it should have the columns {wanted}")


def usable_headers(found: FoundHeader, layout: Layout, where: str) -> Headers:
    """The names of a header, each once.

    Columns without a name at the right are what a spreadsheet adds; they are called after their number.

    Raises:
        UnreadableFileError: names are missing, no text, or two of them can be meant by one of the layout's.
    """
    given = found.given
    if not any(given):
        raise UnreadableFileError(f"{where} is blank where the header should be; export it again")
    if "\x00" in "".join(given):
        raise UnreadableFileError(f"{where} holds zero bytes: this is not UTF-8 text; export it as UTF-8")
    if any(readable(name) != name for name in given):
        raise UnreadableFileError(f"{where} is not {layout.encoding} text; export it as UTF-8, or say its encoding")
    named = max(position for position, name in enumerate(given, start=1) if name)
    unnamed = [f"column {number}" for number in range(named + 1, len(given) + 1)]
    if "" in given[:named]:
        raise UnreadableFileError(
            f"{where} has no name for column {given.index('') + 1}; name it, or export the file without it"
        )
    return told_apart(given[:named] + unnamed, found.names[:named] + unnamed, layout, where)


def told_apart(given: Sequence[str], names: Sequence[str], layout: Layout, where: str) -> Headers:
    """`names`, spelled as the layout has them, and each once: DuckDB takes capitals for small letters.

    A name that stands again gets a number; the first one that the layout asks for keeps its own.

    Raises:
        UnreadableFileError: two names that are spelled differently can be meant by one of the layout's.
    """
    asked = _asked_for(layout)
    spelled: dict[str, set[str]] = {}
    for name, as_given in zip(names, given, strict=True):
        if name in asked:
            spelled.setdefault(name.lower(), set()).add(as_given)
    if unclear := sorted(", ".join(sorted(forms)) for forms in spelled.values() if len(forms) > 1):
        raise UnreadableFileError(
            f"{where} names the column {unclear[0]}: only one of them can be meant. Export it with one of them"
        )
    first = {name: position for position, name in reversed(list(enumerate(names))) if name in asked}
    taken = {name.lower() for name in first}
    apart: list[str] = []
    repeated: dict[str, list[str]] = {}
    for position, name in enumerate(names):
        called, number = name, 1
        while called.lower() in taken and first.get(name) != position:
            number += 1
            called = f"{name} {number}"
        taken.add(called.lower())
        if name in asked and first[name] != position:
            repeated.setdefault(name, []).append(called)
        apart.append(called)
    return Headers(apart, list(given), repeated)


def readable(text: str) -> str:
    """`text` without its line end, bytes that were no UTF-8 as question marks."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\r\n")
