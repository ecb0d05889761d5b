"""Which columns a layout asks a file for, and under which headers."""

from __future__ import annotations

import re

from kpi_pipeline.contracts.currencies import CurrencyColumn
from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import Layout

UPDATED_AT = "_updated_at"
"""The moment at which a row was last changed, where the tool writes one."""

RATED_ON = "_rated_on"
"""The day whose rate converts a row's money, where the layout names its header."""

OF_ROWS = {UPDATED_AT: "updated_at", RATED_ON: "rated_on"}
"""What is read of a row beside its columns: by which field a layout names its header, and its format."""

_NESTED = re.compile(r"(?P<base>[^.\[\]]+)(?P<path>(?:\.[^.\[\]]+|\[[^\]]+\])+)")


def columns_to_read(entity: Entity, layout: Layout) -> list[Column]:
    """The entity's columns, and the moment of the last change where the tool writes one."""
    moment = Column(name=UPDATED_AT, data_type="timestamp", required=False, meaning="")
    return [*entity.columns, *([moment] if layout.updated_at else [])]


def headers_of(column: Column, layout: Layout) -> list[str]:
    """The headers that `column` is made from."""
    if column.name in OF_ROWS:
        header = getattr(layout, OF_ROWS[column.name])
        return [header] if header else []
    return layout.headers.get(column.name, [])


def written_as(column: Column, layout: Layout) -> str | None:
    """The format of `column`'s dates or times, where the layout gives one."""
    return layout.formats.get(OF_ROWS.get(column.name, column.name))


def as_reported(column: Column, layout: Layout) -> str | None:
    """What people know `column` as."""
    return layout.updated_at if column.name == UPDATED_AT else column.name


def base_header(header: str, present: list[str]) -> str:
    """The column of the file that holds `header`: itself, or the nested value that its path begins in."""
    nested = _NESTED.fullmatch(header)
    return header if header in present or not nested else nested["base"]


def headers_asked_for(layout: Layout) -> set[str]:
    """Every header that the layout names."""
    named = {header for headers in layout.headers.values() for header in headers}
    named |= {layout.updated_at or "", layout.rated_on or "", *layout.leave_out, *layout.only, *layout.totals}
    named |= {*layout.carried, *layout.times.values(), *layout.gone_when, *layout.gone_unless}
    if layout.absorbs:
        named.add(layout.absorbs.header)
    if isinstance(layout.currency, CurrencyColumn):
        named.add(layout.currency.header)
    return named | {scaled.header for scaled in layout.scale_by.values()}


def unnamed_headers(layout: Layout, present: list[str]) -> list[str]:
    """Headers of the file that the layout does not name."""
    used = {base_header(header, present) for header in headers_asked_for(layout)}
    return [header for header in present if header not in used]
