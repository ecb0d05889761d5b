"""Amounts of money as SQL: which currency each is in, and how much it is before it is converted.

While a file is typed, an amount of another currency than the reporting one stands in ``own_<column>`` beside its code
in ``currency_<column>``, and ``_rated_on`` is the day whose rate converts it, as `conversion` does. Where neither the
file nor its layout says another currency, none of this is asked for: a cell with the mark of one is no number there.
"""

from __future__ import annotations

from kpi_pipeline.contracts.currencies import marks, meant_by
from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest import values
from kpi_pipeline.ingest.business import BusinessCalendar
from kpi_pipeline.ingest.casts import PLACES_ON_THE_WAY, date, decimal, given_name, is_typed
from kpi_pipeline.ingest.columns import RATED_ON
from kpi_pipeline.ingest.currencies import UNKNOWN, claim_of, said_by_header
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.warehouse.connection import literal, quoted

NAMED_DAY = Column(name=RATED_ON, data_type="date", required=False, meaning="")
"""The day whose rate converts a row, where the layout names its header."""

_ANY_MARK = r"\pL{1,2}[.]|[^0-9.,()+%٪-]+"
"""What may stand beside an amount, where something else looks at what it is. ``Rs.500`` is no half of one."""

_NO_MARK = (
    r"[0-9۰-۹٠-٩.,٫٬()+%٪−‐''’\s\x{00a0}\x{0640}\x{200b}-\x{200f}\x{202f}\x{2060}\x{feff}_-]+"  # as in folded_mark
)


def with_currencies(
    entity: Entity, layout: Layout, reading: Reading, business: BusinessCalendar, rows: str, *, is_told: bool
) -> str:
    """`rows` with ``_row_currency``, and a ``currency_<column>`` for each amount."""
    of_row = row_currency("given_currency_of_row", business.currency) if is_told else "cast(null as text)"
    currencies = []
    for column in entity.money:
        has_type = is_typed(column, layout, reading)
        given = f"cast({given_name(column)} as text)" if has_type else given_name(column)
        code = currency(given, column, layout, business.currency, is_typed=has_type, is_told=is_told)
        currencies.append(f"{code} as {quoted('currency_' + column.name)}")
    return f"select *, {', '.join(currencies)} from (select *, {of_row} as _row_currency from {rows})"


def amounts(entity: Entity, layout: Layout, reading: Reading, business: BusinessCalendar) -> list[str]:
    """Each amount, as a column where it is in the reporting currency and as another where it is not; and its day."""
    columns = []
    for column in entity.money:
        given, code = given_name(column), quoted("currency_" + column.name)
        ours = decimal(given, column, layout, reading, _ANY_MARK)
        own = decimal(given, column, layout, reading, _ANY_MARK, places=PLACES_ON_THE_WAY)
        columns.append(f"case when {code} is null then {ours} end as {quoted(column.name)}")
        columns.append(f"case when {code} is not null then {own} end as {quoted('own_' + column.name)}")
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
    names = [quoted(prefix + column.name) for column in entity.money for prefix in ("own_", "currency_")]
    return [*names, "_row_currency", f"coalesce({', '.join(days)}, null) as _rated_on"]


def within_group(text: str, group: str) -> str:
    """`text`, or where it is NULL what the rows with the same `group` say, if that is one thing."""
    rows = f"over (partition by {group})"
    return (
        f"coalesce({text}, case when {group} is not null and min({text}) {rows} = max({text}) {rows} "
        f"then min({text}) {rows} end)"
    )


def row_currency(text: str, reporting: str) -> str:
    """The code that a row's `text` means, `UNKNOWN` where it means none, NULL where there is none."""
    found = f"coalesce({_looked_up(_mark(text), reporting)}, {literal(UNKNOWN)})"
    ours = literal(reporting)
    return f"case when upper({text}) = {ours} then {ours} when {text} is not null then {found} end"


def currency(given: str, column: Column, layout: Layout, reporting: str, *, is_typed: bool, is_told: bool) -> str:
    """The code of the currency that the amount `given` is in; NULL for the reporting currency, and where there is none.

    Args:
        given: SQL of the amount, as text.
        column: the column that it stands in.
        layout: that of the file.
        reporting: the reporting currency.
        is_typed: whether the file brings it as a number, which has no mark.
        is_told: whether the file has a column of currencies, read as ``_row_currency``.
    """
    claim, unknown = claim_of(column, layout, reporting), literal(UNKNOWN)
    bare, marked = literal(claim), f"coalesce({_looked_up(_mark(given), claim)}, {unknown})"
    if is_told:
        can_be = f"list_contains({_candidates(_mark(given))}, _row_currency)"
        marked = f"case when _row_currency is null then {marked} when {can_be} then _row_currency else {unknown} end"
        bare = f"coalesce(_row_currency, {bare})"
        if said_by_header(column, layout, claim):
            bare = f"case when {bare} = {literal(claim)} then {literal(claim)} else {unknown} end"
    code = bare
    if not is_typed:
        is_bare = f"not regexp_matches({given}, '[^0-9.,+-]') or {_mark(given)} = ''"
        code = f"case when {is_bare} then {bare} else {marked} end"
    return f"case when {given} is not null then nullif({code}, {literal(reporting)}) end"


def _mark(text: str) -> str:
    return f"lower(nfc_normalize(regexp_replace({text}, '{_NO_MARK}', '', 'g')))"


def _looked_up(mark: str, claim: str) -> str:
    meant = {each: code for each in marks() if (code := meant_by(each, claim))}
    theirs, codes = (", ".join(literal(each) for each in several) for several in (meant, meant.values()))
    return f"[{codes}][list_position([{theirs}], {mark})]"


def _candidates(mark: str) -> str:
    theirs = ", ".join(literal(each) for each in marks())
    codes = ", ".join(f"[{', '.join(literal(code) for code in each.codes)}]" for each in marks().values())
    return f"[{codes}][list_position([{theirs}], {mark})]"
