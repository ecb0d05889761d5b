"""What amounts in other currencies are worth in the reporting one, by the table of rates and the day of their row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import duckdb

from kpi_pipeline.contracts.currencies import CurrencyColumn, marks, meant_by
from kpi_pipeline.contracts.export import Column
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.rates import PLACES, TABLE, Rate
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.ingest.currencies import NO_RATE, claim_of, said_by_header
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.warehouse.connection import literal, quoted


def register_rates(connection: duckdb.DuckDBPyConnection, rates: Sequence[Rate]) -> None:
    """Give `connection` the table ``rates``, in which `convert` looks them up."""
    connection.execute(
        "create or replace temp table rates "
        f"(currency text, valid_from date, valid_until date, rate decimal(24,{PLACES}))"
    )
    for rate in rates:
        until = rate.until or dt.date.max
        connection.execute("insert into rates values (?, ?, ?, ?)", [rate.currency, rate.valid_from, until, rate.rate])


def convert(file: Incoming) -> list[str]:
    """Make amounts of the reporting currency of those in ``incoming`` that are in another, by the rate of their day.

    A row of which one has no rate becomes a bad one.

    Returns:
        What was converted, and what a file with a column of currencies does not say, a sentence each.
    """
    if not file.entity.money:
        return []
    amounts = " union all ".join(
        f"select rowid as row_id, {literal(column.name)} as name, {literal(_claim(file, column))} as claim, "
        f"{quoted('currency_' + column.name)} as currency, {quoted('own_' + column.name)} as own, _rated_on as day "
        f"from incoming where _problem is null and {quoted('currency_' + column.name)} is not null"
        for column in file.entity.money
    )
    file.connection.execute(
        f"""
        create or replace temp table converted as
        select
            amounts.*, rates.rate, rates.valid_from = date '0001-01-01' as is_fixed,
            try(cast(own * rates.rate as decimal(18,4))) as amount
        from ({amounts}) as amounts left join rates
            on amounts.currency = rates.currency
            and coalesce(amounts.day, date '0001-01-01') >= rates.valid_from
            and coalesce(amounts.day, date '0001-01-01') < rates.valid_until
        """
    )
    if file.connection.execute("select 1 from converted limit 1").fetchone():
        _write_amounts(file)
    said = [*_about_conversion(file), *_about_unsaid(file)]
    file.connection.execute("drop table converted")
    return said


def _claim(file: Incoming, column: Column) -> str:
    return claim_of(column, file.layout, file.settings.currency)


def _write_amounts(file: Incoming) -> None:
    for column in file.entity.money:
        file.connection.execute(
            f"update incoming set {quoted(column.name)} = converted.amount from converted "
            f"where incoming.rowid = converted.row_id and converted.name = {literal(column.name)}"
        )
    # of a row with several, the first; what has a rate and no amount is too large
    file.connection.execute(
        f"""
        update incoming set
            _problem = case when unpriced.rate is null then {literal(NO_RATE)} else unpriced.name end,
            _given = case
                when unpriced.rate is null then concat_ws('|', unpriced.name, unpriced.currency, unpriced.day)
                else unpriced.own || ' ' || unpriced.currency
            end
        from (select distinct on (row_id) * from converted where amount is null order by row_id, name) as unpriced
        where incoming.rowid = unpriced.row_id
        """
    )


def _about_conversion(file: Incoming) -> list[str]:
    found = file.connection.execute(
        """
        select currency, claim, is_fixed, count(distinct row_id), min(rate), max(rate)
        from converted semi join (select rowid as row_id from incoming where _problem is null) using (row_id)
        where amount is not null
        group by all order by currency, claim
        """
    ).fetchall()
    source = file.settings.rates_file.name if file.settings.rates_file else TABLE
    said = []
    for code, claim, is_fixed, rows, least, most in found:
        if is_fixed and code == claim:
            continue  # as the layout says, by a factor that never changes
        rates = f"{least.normalize():f}" + (f" to {most.normalize():f}" if most != least else "")
        by = f"at {rates}" if is_fixed else f"by {source} ({rates})"
        said.append(f"{rows:,} {'row' if rows == 1 else 'rows'} in {code} converted to {file.settings.currency} {by}")
    return said


def _about_unsaid(file: Incoming) -> list[str]:
    """A column of currencies that says nothing in some rows leaves it to the reporting currency."""
    if not isinstance(file.layout.currency, CurrencyColumn) or file.layout.currency.otherwise:
        return []
    unsaid = [column for column in file.entity.money if not said_by_header(column, file.layout, "")]
    has_amount = " or ".join(
        f"({quoted(column.name)} is not null and {quoted('currency_' + column.name)} is null)" for column in unsaid
    )
    # another row says it: a file without the column, or with an empty one, is in the reporting currency as a whole
    found = file.connection.execute(
        f"select count(*) filter (_row_currency is null and ({has_amount or 'false'})), count(_row_currency) "
        "from incoming where _problem is null"
    ).fetchone()
    if not found or not found[0] or not found[1]:
        return []
    header, ours = file.layout.currency.header, file.settings.currency
    rows, read = ("1 row says", "is") if found[0] == 1 else (f"{found[0]:,} rows say", "are")
    return [f"{rows} no currency in {header}, where others say one, and {read} read as {ours}"]


def why_unpriced(given: str, settings: Settings) -> tuple[str, str]:
    """Which column of a row with `NO_RATE` has none, as ``_given`` tells, and what would give it one."""
    name, code, *days = given.split("|")
    if not days:
        return name, (
            f"{code}, and neither the row nor the name of the file says of which day; a layout says it with rated_on, "
            "or with {date:...} in files"
        )
    first = dt.date.fromisoformat(days[0]).replace(day=1)
    table = settings.rates_file.name if settings.rates_file else f"{TABLE} (KPI_RATES)"
    line = f"{code},{first},<what 1 {code} is in {settings.currency}>"
    return name, f"{code} on {days[0]}: no rate in {table}; add a line `{line}`"


def why_unknown(given: str, column: Column, layout: Layout, reporting: str) -> str:
    """Why an amount that has a mark is in no currency; empty where it has none, or one that can be read alone."""
    mark = re.sub(r"[0-9۰-۹٠-٩.,٫٬()+%٪−‐'’\s\u00a0\u202f\u200b-\u200f_-]+", "", given).lower()
    if not mark:
        if isinstance(layout.currency, CurrencyColumn) and (said := said_by_header(column, layout, reporting)):
            return f"its header says {said}, and its row another currency; take one of them out of the layout"
        return ""
    if (found := marks().get(mark)) is None:
        return f"{mark} is no currency that can be read; write an ISO 4217 code, such as EUR"
    if (code := meant_by(mark, claim_of(column, layout, reporting))) is None:
        several = " or ".join(found.codes)
        return f"{mark} may be {several}; write the code, or say it in the layout with currency: {found.codes[0]}"
    if isinstance(layout.currency, CurrencyColumn):
        return f"its cell says {code}, and {layout.currency.header} another currency; correct one of them"
    return ""
