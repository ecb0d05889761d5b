"""What amounts in other currencies are worth in the reporting one, by the table of rates and the day of their row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from kpi_pipeline.contracts.currencies import CurrencyColumn
from kpi_pipeline.contracts.rates import ALWAYS, PLACES, TABLE, Rate
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.ingest.currencies import NO_CURRENCY, NO_RATE, claim_of, meaning_of, said_by_header
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.warehouse.connection import literal, quoted


def register_rates(connection: duckdb.DuckDBPyConnection, rates: Sequence[Rate]) -> None:
    """Give `connection` the table ``rates``, in which `convert` looks them up."""
    days = [(rate.valid_from, rate.until or dt.date.max) for rate in rates]
    table = pa.table(
        {
            "currency": pa.array([rate.currency for rate in rates], pa.string()),
            "valid_from": pa.array([first for first, _ in days], pa.date32()),
            "valid_until": pa.array([until for _, until in days], pa.date32()),
            "rate": pa.array([round(rate.rate, PLACES) for rate in rates], pa.decimal128(24, PLACES)),
        }
    )
    connection.register("given_rates", table)
    connection.execute("create or replace temp table rates as select * from given_rates")
    connection.unregister("given_rates")


def convert(file: Incoming) -> list[str]:
    """Make amounts of the reporting currency of those in ``incoming`` that are in another, by the rate of their day.

    A row becomes a bad one if nobody can say what it is in, or what that is worth.

    Returns:
        What was converted, and what a file with a column of currencies does not say, a sentence each.
    """
    if not file.entity.money:
        return []
    amounts = " union all ".join(
        f"select rowid as row_id, {literal(column.name)} as name, {quoted('mark_' + column.name)} as mark, "
        f"_row_currency as word, {quoted('own_' + column.name)} as own, {quoted('text_' + column.name)} as given, "
        f"{quoted(column.name)} as ours, _rated_on as day "
        f"from incoming where _problem is null and _gone is not true and {quoted('own_' + column.name)} is not null"
        for column in file.entity.money
    )
    file.connection.execute(f"create or replace temp table amounts as {amounts}")
    if file.connection.execute("select 1 from amounts limit 1").fetchone():
        _find_meanings(file)
        _find_values(file)
        _write_values(file)
        said = _about_conversion(file)
        file.connection.execute("drop table meanings; drop table converted")
    else:
        said = []
    file.connection.execute("drop table amounts")
    return [*said, *_about_unsaid(file)]


def _find_meanings(file: Incoming) -> None:
    """What each mark and word in ``amounts`` means, or why it means nothing, as the table ``meanings``."""
    found = file.connection.execute("select distinct name, mark, word from amounts").fetchall()
    meanings = [
        (*each, claim_of(column, file.layout, ours), *meaning_of(each[1], each[2], column, file.layout, ours))
        for ours in [file.settings.currency]
        for each in found
        for column in [file.entity.column(each[0])]
    ]
    names = ("name", "mark", "word", "claim", "currency", "reason")
    columns = {name: pa.array([each[at] for each in meanings], pa.string()) for at, name in enumerate(names)}
    file.connection.register("given_meanings", pa.table(columns))
    file.connection.execute("create or replace temp table meanings as select * from given_meanings")
    file.connection.unregister("given_meanings")


def _find_values(file: Incoming) -> None:
    """What each of the ``amounts`` is worth, as the table ``converted``: no amount where that cannot be told."""
    file.connection.execute(
        f"""
        create or replace temp table converted as
        select
            amounts.row_id, amounts.name, amounts.given, amounts.day,
            meanings.currency, meanings.claim, meanings.reason,
            rates.rate, rates.valid_from = date '{ALWAYS}' as is_fixed,
            case
                when meanings.currency = {literal(file.settings.currency)} then amounts.ours
                else try(cast(amounts.own * rates.rate as decimal(18,4)))
            end as amount
        from amounts inner join meanings
            on amounts.name = meanings.name
            and amounts.mark is not distinct from meanings.mark
            and amounts.word is not distinct from meanings.word
        left join rates
            on meanings.currency = rates.currency
            and coalesce(amounts.day, date '{ALWAYS}') >= rates.valid_from
            and coalesce(amounts.day, date '{ALWAYS}') < rates.valid_until
        """
    )


def _write_values(file: Incoming) -> None:
    for column in file.entity.money:
        file.connection.execute(
            f"update incoming set {quoted(column.name)} = converted.amount from converted "
            f"where incoming.rowid = converted.row_id and converted.name = {literal(column.name)}"
        )
    # of a row with several, the first; what has a rate, or needs none, and no amount is too large
    file.connection.execute(
        f"""
        update incoming set
            _problem = case
                when lacking.reason is not null then {literal(NO_CURRENCY)}
                when lacking.rate is null and lacking.currency <> {literal(file.settings.currency)}
                    then {literal(NO_RATE)}
                else lacking.name
            end,
            _given = case
                when lacking.reason is not null then concat_ws('|', lacking.name, lacking.given, lacking.reason)
                when lacking.rate is null and lacking.currency <> {literal(file.settings.currency)}
                    then concat_ws('|', lacking.name, lacking.currency, lacking.day)
                else lacking.given
            end
        from (select distinct on (row_id) * from converted where amount is null order by row_id, name) as lacking
        where incoming.rowid = lacking.row_id
        """
    )


def _about_conversion(file: Incoming) -> list[str]:
    found = file.connection.execute(
        f"""
        select currency, claim, is_fixed, count(distinct row_id), min(rate), max(rate)
        from converted semi join (select rowid as row_id from incoming where _problem is null) using (row_id)
        where amount is not null and currency <> {literal(file.settings.currency)}
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
    unsaid = " or ".join(
        f"({quoted(column.name)} is not null and {quoted('mark_' + column.name)} is null)"
        for column in file.entity.money
        if not said_by_header(column, file.layout, file.settings.currency)
    )
    # another row says it: a file without the column, or with an empty one, is in the reporting currency as a whole
    found = file.connection.execute(
        f"select count(*) filter (_row_currency is null and ({unsaid or 'false'})), count(_row_currency) "
        "from incoming where _problem is null"
    ).fetchone()
    if not found or not found[0] or not found[1]:
        return []
    header, ours = file.layout.currency.header, file.settings.currency
    rows, read = ("1 row says", "is") if found[0] == 1 else (f"{found[0]:,} rows say", "are")
    return [f"{rows} no currency in {header}, where others say one, and {read} read as {ours}"]


def why_not_converted(problem: str, given: str, settings: Settings) -> tuple[str, str]:
    """Which column of a row has no value in the reporting currency, and why, as ``_given`` tells it."""
    name, first, *more = given.split("|", 2)
    if problem == NO_CURRENCY:
        return name, f"{first!r} is no decimal(18,4): {more[0]}"
    if not more:
        return name, (
            f"{first}, and neither the row nor the name of the file says of which day; a layout says it with rated_on, "
            "or with {date:...} in files"
        )
    table = settings.rates_file.name if settings.rates_file else f"{TABLE} (KPI_RATES)"
    month = dt.date.fromisoformat(more[0]).replace(day=1)
    line = f"{first},{month},<what 1 {first} is in {settings.currency}>"
    return name, f"{first} on {more[0]}: no rate in {table}; add a line `{line}`"
