"""Amounts of money as SQL: what stands beside each, and how much it is before it is converted.

While a file is typed, an amount that may be in another currency than the reporting one stands in ``own_<column>`` too,
with what the cell has beside it in ``mark_<column>``, the row's own word for its currency in ``_row_currency``, and the
day whose rate converts it in ``_rated_on``; `conversion` decides what they mean, once per word and not per row. Where
neither the file nor its layout says another currency none of this is asked for: a cell with another mark is no number
there.
"""

from __future__ import annotations

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest import values
from kpi_pipeline.ingest.business import BusinessCalendar
from kpi_pipeline.ingest.casts import PLACES_ON_THE_WAY, date, decimal, given_name, is_typed
from kpi_pipeline.ingest.columns import RATED_ON
from kpi_pipeline.ingest.currencies import claim_of
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.warehouse.connection import literal, quoted

NAMED_DAY = Column(name=RATED_ON, data_type="date", required=False, meaning="")
"""The day whose rate converts a row, where the layout names its header."""

_ANY_MARK = r"\pL{1,2}[.]|[^0-9.,()+%٪-]+"
"""What may stand beside an amount, where something else looks at what it is. ``Rs.500`` is no half of one."""

_NO_MARK = r"[0-9۰-۹٠-٩.,٫٬()+%٪−‐''’\s\x{00a0}\x{202f}\x{2060}\x{feff}_-]+"


def with_marks(entity: Entity, layout: Layout, reading: Reading, rows: str, word: str) -> str:
    """`rows` with ``_row_currency``, and for each amount what stands beside it, and its number if it is not plain.

    Args:
        entity: what the rows are.
        layout: that of the file.
        reading: the file.
        rows: SQL of what the file gives.
        word: SQL of what it gives for the currency of a row.
    """
    columns = [f"upper({word}) as _row_currency"]
    for column in entity.money:
        given, mark, number = given_name(column), "cast(null as text)", "cast(null as text)"
        if not is_typed(column, layout, reading):
            mark = f"case when regexp_matches({given}, '[^0-9.,+-]') then {_mark(given)} end"
            is_plain = f"try_cast({given} as decimal(18,4)) is not null" if layout.decimal_mark == "." else "false"
            cleaned = values.number(given, layout.decimal_mark, _ANY_MARK)
            number = f"case when {given} is not null and not {is_plain} then {cleaned} end"
        columns += [f"{mark} as {quoted('mark_' + column.name)}", f"{number} as {quoted('number_' + column.name)}"]
    return f"select *, {', '.join(columns)} from {rows}"


def amounts(entity: Entity, layout: Layout, reading: Reading, business: BusinessCalendar) -> list[str]:
    """Each amount, once more with its text where it may be in another currency; and the day that the layout names."""
    columns = []
    for column in entity.money:
        given, number, mark = (
            given_name(column), quoted("number_" + column.name), quoted("mark_" + column.name),
        )  # fmt: skip
        ours = decimal(given, column, layout, reading, number=number)
        own = decimal(given, column, layout, reading, number=number, places=PLACES_ON_THE_WAY)
        may_be_other = f"{mark} is not null or _row_currency <> {literal(business.currency)}"
        if claim_of(column, layout, business.currency) != business.currency:
            may_be_other = "true"
        columns += [
            f"{ours} as {quoted(column.name)}",
            f"case when {may_be_other} then {own} end as {quoted('own_' + column.name)}",
            f"case when {may_be_other} then cast({given} as text) end as {quoted('text_' + column.name)}",
        ]
    day = "cast(null as date)"
    if layout.rated_on:
        day = date(given_name(NAMED_DAY), NAMED_DAY, layout, reading, business.zone)
    return [*columns, f"{day} as _named_day"]


def columns_of_conversion(entity: Entity, file_day: str, business: BusinessCalendar) -> list[str]:
    """What `conversion` needs beside the amounts."""
    days = ["_named_day"]
    if entity.dated_by:
        day = quoted(entity.dated_by)
        is_moment = entity.column(entity.dated_by).data_type == "timestamp"
        days.append(values.business_day(f"timezone('UTC', {day})", business.zone) if is_moment else day)
    if file_day:
        days.append(f"date {literal(file_day)}")
    names = [quoted(prefix + column.name) for column in entity.money for prefix in ("own_", "mark_", "text_")]
    return [*names, "_row_currency", f"coalesce({', '.join(days)}, null) as _rated_on"]


def _mark(text: str) -> str:
    """What of `text` is no number; NULL where all of it is."""
    return f"nullif(regexp_replace({text}, {literal(_NO_MARK)}, '', 'g'), '')"
