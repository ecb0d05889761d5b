"""The ways from a plain file to typed rows of ``raw.<entity>``, and what of it is no such row.

Whichever way a file goes, its good rows end in ``raw.<entity>`` and its bad ones in the temporary table ``bad_rows``
(``_row``, ``_problem``, ``_given``); none passes through the other's table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.business import business_calendar
from kpi_pipeline.ingest.checks import check_headers
from kpi_pipeline.ingest.columns import UPDATED_AT, headers_of
from kpi_pipeline.ingest.conversion import convert
from kpi_pipeline.ingest.currencies import as_the_file_says, claims_other_currency
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS, open_export
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.left_out import why_left_out
from kpi_pipeline.ingest.repeats import may_have_header_lines, take_first_that_has_a_value, without_header_lines
from kpi_pipeline.ingest.rows import can_be_typed_while_read, footers, typed_rows
from kpi_pipeline.warehouse.connection import count, literal, quoted

ONE_FOR_SEVERAL = " (one merged cell for several rows; write the number of each row)"
"""What quarantine says behind a number that its workbook does not tell for each row."""


@dataclass(frozen=True)
class Typed:
    """What a way has found in a file."""

    reading: Reading
    rows: int
    """Good and bad ones; not the reading's bad lines."""
    layout: Layout
    """The file's, with what its header adds to it."""
    left_out: int = 0
    """Rows that the layout says are no rows of the entity."""
    left_out_because: str = ""
    """Which of the layout's conditions left them out."""


Way = Callable[[int], Typed]
"""Takes the number of the load for which the file is typed."""


class AsksForMoreError(Exception):
    """A way is not for this file: what it has done must be undone, and `way` be gone."""

    def __init__(self, reason: str, way: Way) -> None:
        super().__init__(reason)
        self.way = way


def first_way(file: Incoming, plain: Path) -> Way:
    """The cheapest way that may do for the plain file at `plain`. The way that it leads to last does for any.

    Raises:
        UnreadableFileError: the header is unusable.
    """
    way_of_text = partial(_by_way_of_text, file, plain)
    reading = FORMATS[file.layout.format].stream(file.connection, plain, file.layout)
    if not reading:
        return way_of_text
    file = _as_it_says(file, reading)
    if reading.repeated or not can_be_typed_while_read(file.layout, reading.headers):
        return way_of_text
    check_headers(file, reading)
    if claims_other_currency(file.entity, file.layout, file.settings.currency):
        return partial(_sorted_while_read, file, plain, reading)
    return partial(_straight, file, plain, reading)


def _straight(file: Incoming, plain: Path, reading: Reading, load: int) -> Typed:
    """Into ``raw`` while the file is read; the first bad row ends it."""
    file.connection.execute("create or replace temp table bad_rows (_row bigint, _problem text, _given text)")
    number = "case when _problem is null then _row else cast(error('a row is bad') as bigint) end"
    good = f"(select * replace ({number} as _row) from ({_sql(file, reading, is_converted=False)}))"
    try:
        typed = _insert(file, load, good)
    except duckdb.Error as error:
        raise AsksForMoreError(first_line(error), partial(_sorted_while_read, file, plain, reading)) from error
    _check_is_whole(file, plain, reading, typed)
    return Typed(reading, typed, file.layout)


def _sorted_while_read(file: Incoming, plain: Path, reading: Reading, load: int) -> Typed:
    """Into a table that tells good rows from bad ones, while the file is read."""
    try:
        _type_into_incoming(file, reading)
    except duckdb.Error as error:
        raise AsksForMoreError(first_line(error), partial(_by_way_of_text, file, plain)) from error
    said = convert(file)
    typed = _sort_incoming(file, load)
    if may_have_header_lines(file, reading):
        raise AsksForMoreError("its header may stand in it again", partial(_by_way_of_text, file, plain))
    _check_is_whole(file, plain, reading, typed)
    return Typed(_with_warnings(reading, said), typed, file.layout)


def _check_is_whole(file: Incoming, plain: Path, reading: Reading, rows: int) -> None:
    """Leave a file to the last way of which a line is no row, or a row more than a line and not read as such."""
    rejected = count(file.connection, f"select count(*) from {reading.rejects}")
    if rejected or reading.rows not in (None, rows):
        raise AsksForMoreError("not each of its lines is a row", partial(_by_way_of_text, file, plain))


def _by_way_of_text(file: Incoming, plain: Path, load: int) -> Typed:
    """By way of a table of the file's texts.

    Raises:
        UnreadableFileError: it is not in the format of its layout, or its header is unusable.
    """
    reading = open_export(file.connection, plain, file.layout)
    file = _as_it_says(file, reading)
    check_headers(file, reading)
    headers = without_header_lines(file, reading)
    take_first_that_has_a_value(file, reading)
    _doubt_filled_numbers(file, reading)
    reading, footers = _without_footers(file, reading)
    try:
        _type_into_incoming(file, reading)
    except duckdb.Error as error:
        raise UnreadableFileError(f"its rows cannot be given their types: {first_line(error)}") from error
    said = convert(file)
    typed = _sort_incoming(file, load)
    left_out = count(file.connection, f"select count(*) from {reading.relation}") - typed
    because = [why] if (why := why_left_out(file, reading)) else []
    because += [f"the header once more ({headers:,})"] if headers else []
    because += [f"footers ({footers:,})"] if footers else []
    left_out += headers + footers
    return Typed(_with_warnings(reading, said), typed, file.layout, left_out, ", ".join(because))


def _as_it_says(file: Incoming, reading: Reading) -> Incoming:
    """`file` with what its header says of its currency."""
    return replace(file, layout=as_the_file_says(file.layout, file.entity, reading.headers))


def _with_warnings(reading: Reading, said: list[str]) -> Reading:
    return replace(reading, warnings=[*reading.warnings, *said])


def _doubt_filled_numbers(file: Incoming, reading: Reading) -> None:
    """Make no number of one that stands in a cell merged over several rows: filled into each, it would count twice."""
    for column in file.entity.columns:
        if column.data_type not in ("bigint", "double", "decimal(18,4)"):
            continue
        for header in headers_of(column, file.layout):
            if rows := reading.filled.get(header):
                file.connection.execute(
                    f"update {reading.relation} set {quoted(header)} = {quoted(header)} || ?"
                    " where list_contains(?, _row)",
                    [ONE_FOR_SEVERAL, rows],
                )


def _without_footers(file: Incoming, reading: Reading) -> tuple[Reading, int]:
    """`reading` without the bad lines that the layout leaves out, and how many: a footer is shorter than the header."""
    short = [(number, list(bad.cells)) for number, bad in enumerate(reading.bad_lines) if bad.cells]
    layout = file.layout
    if not short or not (layout.leave_out or layout.only or layout.totals or layout.gone_unless):
        return reading, 0
    table = pa.table({"number": [number for number, _ in short], "cells": [cells for _, cells in short]})
    file.connection.register("short_lines", table)
    found = file.connection.execute(footers(file.layout, reading.headers, "short_lines")).fetchall()
    file.connection.unregister("short_lines")
    numbers = {number for (number,) in found}
    kept = [bad for number, bad in enumerate(reading.bad_lines) if number not in numbers]
    return replace(reading, bad_lines=kept), len(numbers)


def _sql(file: Incoming, reading: Reading, *, is_converted: bool) -> str:
    day = str(found.date()) if (found := file.date()) else ""
    business = business_calendar(file.settings)
    return typed_rows(file.entity, file.layout, reading, day, business, is_converted=is_converted)


def _type_into_incoming(file: Incoming, reading: Reading) -> None:
    file.connection.execute(f"create or replace temp table incoming as {_sql(file, reading, is_converted=True)}")


def _sort_incoming(file: Incoming, load: int) -> int:
    """Bring the good rows of ``incoming`` into ``raw`` and the bad ones into ``bad_rows``; returns how many it had.

    A row without a number has that of its place in the file, which is its place in the table.
    """
    connection = file.connection
    first = count(connection, "select coalesce(min(rowid), 0) from incoming")
    numbered = f"(select * replace (coalesce(_row, rowid - {first} + 1) as _row) from incoming)"
    connection.execute(
        "create or replace temp table bad_rows as "
        f"select _row, _problem, _given from {numbered} where _problem is not null"
    )
    _insert(file, load, f"{numbered} where _problem is null")
    rows = count(connection, "select count(*) from incoming")
    connection.execute("drop table incoming")
    return rows


def _insert(file: Incoming, load: int, typed: str) -> int:
    """Bring the `typed` rows into ``raw.<entity>``; returns how many there are."""
    columns = ", ".join(quoted(column.name) for column in file.entity.columns)
    day = file.date()
    version = UPDATED_AT if file.layout.updated_at else f"cast({literal(str(day)) if day else 'null'} as timestamp)"
    return count(
        file.connection,
        f"insert into raw.{file.entity.name} ({columns}, _load, _row, _version_at, _gone, _absorbs, _new_columns) "
        f"select {columns}, {load}, _row, {version}, _gone, _absorbs, _new_columns from {typed}",
    )
