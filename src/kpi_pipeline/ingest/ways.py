"""The ways from a plain file to typed rows of ``raw.<entity>``, and what of it is no such row.

Whichever way a file goes, its good rows end in ``raw.<entity>`` and its bad ones in the temporary table ``bad_rows``
(``_row``, ``_problem``, ``_given``); none passes through the other's table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.checks import check_headers
from kpi_pipeline.ingest.columns import UPDATED_AT
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS, open_export
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.rows import can_be_typed_while_read, typed_rows
from kpi_pipeline.warehouse.connection import count, literal, quoted


class AsksForMoreError(Exception):
    """This way is not for this file; what was done of it must be undone before the next one is tried."""


@dataclass(frozen=True)
class Typed:
    """What a way has found in a file."""

    reading: Reading
    rows: int
    """Good and bad ones; not the reading's bad lines."""
    left_out: int = 0
    """Rows that the layout says are no rows of the entity."""


Way = Callable[[int], Typed]
"""Takes the number of the load for which the file is typed."""


def ways_to_type(file: Incoming, plain: Path) -> list[Way]:
    """The ways that may do for the plain file at `plain`, the cheapest first; the last one does for any.

    Raises:
        UnreadableFileError: the header is unusable.
    """
    ways: list[Way] = [partial(_by_way_of_text, file, plain)]
    reading = FORMATS[file.layout.format].stream(file.connection, plain, file.layout)
    if reading and can_be_typed_while_read(file.layout, reading.headers):
        check_headers(file, reading)
        ways = [partial(_straight, file, reading), partial(_sorted_while_read, file, reading), *ways]
    return ways


def _straight(file: Incoming, reading: Reading, load: int) -> Typed:
    """Into ``raw`` while the file is read; the first bad row ends it."""
    file.connection.execute("create or replace temp table bad_rows (_row bigint, _problem text, _given text)")
    number = "case when _problem is null then _row else cast(error('a row is bad') as bigint) end"
    good = f"(select * replace ({number} as _row) from ({_sql(file, reading)}))"
    return _typed_while_read(file, reading, lambda: _insert(file, load, good))


def _sorted_while_read(file: Incoming, reading: Reading, load: int) -> Typed:
    """Into a table that tells good rows from bad ones, while the file is read."""
    return _typed_while_read(file, reading, lambda: _sort(file, reading, load))


def _typed_while_read(file: Incoming, reading: Reading, type_rows: Callable[[], int]) -> Typed:
    """What `type_rows` has found, if it could, and if no line of the file is anything but a row.

    Raises:
        AsksForMoreError: a row is bad, where there is no place for it, or a line is no row.
    """
    try:
        found = type_rows()
        rejected = count(file.connection, f"select count(*) from {reading.rejects}")
    except duckdb.Error as error:
        raise AsksForMoreError(first_line(error)) from error
    if rejected or reading.rows not in (None, found):
        raise AsksForMoreError(f"{found:,} of its lines are rows, {rejected:,} or more are none")
    return Typed(reading, found)


def _by_way_of_text(file: Incoming, plain: Path, load: int) -> Typed:
    """By way of a table of the file's texts.

    Raises:
        UnreadableFileError: it is not in the format of its layout, or its header is unusable.
    """
    reading = open_export(file.connection, plain, file.layout)
    check_headers(file, reading)
    try:
        typed = _sort(file, reading, load)
    except duckdb.Error as error:
        raise UnreadableFileError(f"its rows cannot be given their types: {first_line(error)}") from error
    return Typed(reading, typed, count(file.connection, f"select count(*) from {reading.relation}") - typed)


def _sql(file: Incoming, reading: Reading) -> str:
    day = file.date()
    return typed_rows(file.entity, file.layout, reading, str(day.date()) if day else "")


def _sort(file: Incoming, reading: Reading, load: int) -> int:
    """Type the rows of `reading`, good ones into ``raw`` and bad ones into ``bad_rows``; returns how many there are.

    A row without a number has that of its place in the file, which is its place in the table.
    """
    connection = file.connection
    connection.execute(f"create or replace temp table incoming as {_sql(file, reading)}")
    first = count(connection, "select coalesce(min(rowid), 0) from incoming")
    numbered = f"(select * replace (coalesce(_row, rowid - {first} + 1) as _row) from incoming)"
    connection.execute(
        "create or replace temp table bad_rows as "
        f"select _row, _problem, _given from {numbered} where _problem is not null"
    )
    _insert(file, load, f"{numbered} where _problem is null")
    return count(connection, "select count(*) from incoming")


def _insert(file: Incoming, load: int, typed: str) -> int:
    """Bring the `typed` rows into ``raw.<entity>``; returns how many there are."""
    columns = ", ".join(quoted(column.name) for column in file.entity.columns)
    day = file.date()
    version = UPDATED_AT if file.layout.updated_at else f"cast({literal(str(day)) if day else 'null'} as timestamp)"
    return count(
        file.connection,
        f"insert into raw.{file.entity.name} ({columns}, _load, _row, _version_at, _new_columns) "
        f"select {columns}, {load}, _row, {version}, _new_columns from {typed}",
    )
