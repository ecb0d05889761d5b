"""The total rows of a report, held against the sum of its rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kpi_pipeline.contracts.export import Column
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.business import business_calendar
from kpi_pipeline.ingest.columns import as_reported, base_header
from kpi_pipeline.ingest.currencies import NO_CURRENCY, claim_of
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.rows import typed_rows
from kpi_pipeline.warehouse.connection import literal, quoted, rows

ROUNDING = Decimal("0.005")
"""What rounding to cents may have taken from each row, and from the total."""


def check_totals(file: Incoming, reading: Reading, load: int) -> None:
    """Refuse a report of which no total row says what its rows add up to: some of it is missing, or stands there twice.

    Of several totals one is enough, for a tool writes those of parts and of the whole account too, or all together,
    where each is of the rows above it. Only what can be added up is compared, and only where the total has a number;
    amounts that were converted are not.

    Raises:
        UnreadableFileError: none of the totals is the sum.
    """
    columns = _columns_that_add_up(file, reading)
    if not file.layout.totals or not columns:
        return
    totals = _totals(file, reading, columns)
    if not totals:
        return
    sums = ", ".join(f"coalesce(sum({quoted(column.name)}), 0) as {quoted(column.name)}" for column in columns)
    [found] = rows(
        file.connection, f"select count(*) as _rows, {sums} from raw.{file.entity.name} where _load = {load}", []
    )
    together = {
        column.name: None if None in values else sum(values)
        for column in columns
        for values in ([total[column.name] for total in totals],)
    }
    wrong = [
        [column for column in columns if not _agrees(total[column.name], found, column)]
        for total in (together, *totals)
    ]
    if any(not columns_of_total for columns_of_total in wrong):
        return
    column = wrong[-1][0]
    raise UnreadableFileError(
        f"its total row says {as_reported(column, file.layout)} is {totals[-1][column.name]:,f}, and its rows add up "
        f"to {found[column.name]:,f}: rows are missing, or stand there more than once. Export it again"
    )


def _columns_that_add_up(file: Incoming, reading: Reading) -> list[Column]:
    entity, headers, ours = file.entity, file.layout.headers, file.settings.currency
    return [
        column
        for column in entity.columns
        if column.data_type in ("bigint", "decimal(18,4)")
        and column.name not in entity.key
        and not (column.is_money and claim_of(column, file.layout, ours) != ours)
        and any(base_header(header, reading.headers) in reading.headers for header in headers.get(column.name, []))
    ]


def _totals(file: Incoming, reading: Reading, columns: list[Column]) -> list[dict[str, Any]]:
    """The total rows that have a number at all, in the order of the file."""
    # what an empty cell of a row means, an empty cell of a total does not
    words = {name: {theirs: ours for theirs, ours in of.items() if theirs} for name, of in file.layout.values.items()}
    layout = file.layout.model_copy(update={"values": words})
    day = file.date()
    typed = typed_rows(
        file.entity, layout, reading, str(day.date()) if day else "", business_calendar(file.settings),
        is_converted=False, totals=True,
    )  # fmt: skip
    in_ours = f"_problem is distinct from {literal(NO_CURRENCY)}"
    names = ", ".join(
        f"case when {in_ours} then {quoted(column.name)} end as {quoted(column.name)}"
        if column.is_money else quoted(column.name)
        for column in columns
    )  # fmt: skip
    found = rows(file.connection, f"select {names} from ({typed}) order by _row", [])
    return [total for total in found if any(value is not None for value in total.values())]


def _agrees(total: Any, found: dict[str, Any], column: Column) -> bool:
    if total is None:
        return True
    tolerance = ROUNDING * (found["_rows"] + 1) if column.data_type != "bigint" else 0
    return abs(Decimal(total) - Decimal(found[column.name])) <= tolerance
