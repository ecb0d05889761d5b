"""The warehouse: one DuckDB file that only the pipeline opens, one writer at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError, first_line

LOCK_TIMEOUT_SECONDS = 600.0
"""How long a verb waits for another one that holds the warehouse, before it gives up with a sentence."""


def options(settings: Settings) -> dict[str, Any]:
    """The DuckDB configuration that every connection of the pipeline uses."""
    scratch = settings.home / "scratch"
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(scratch),
    }


@contextlib.contextmanager
def locked(settings: Settings, timeout: float = LOCK_TIMEOUT_SECONDS) -> Iterator[int]:
    """Hold the pipeline's lock: one verb at a time may write the warehouse or publish.

    The lock dies with the process that holds it, so a killed run leaves nothing to clean up.

    Yields:
        The lock's file descriptor. A child that is given it holds the lock too: should it outlive its killed parent,
        the next run waits for it.

    Raises:
        PipelineError: another verb holds the lock for longer than `timeout` seconds.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock = os.open(settings.home / "warehouse.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise PipelineError(f"KPI_HOME {settings.home} cannot be written to: {error.strerror}.") from error
    try:
        _wait_for(lock, settings, timeout)
        yield lock
    finally:
        os.close(lock)


def _wait_for(lock: int, settings: Settings, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise PipelineError(
                    f"Another run has been writing to {settings.home} for more than {timeout:.0f} seconds. "
                    "Wait for it to end, or end it, then run again."
                ) from error
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def connect(settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse and close it again.

    Raises:
        PipelineError: the file is held by another process, or is no warehouse.
    """
    if read_only and not settings.warehouse.exists():
        raise PipelineError(f"There is no warehouse at {settings.warehouse}. Run `kpi run` first.")
    try:
        connection = duckdb.connect(str(settings.warehouse), read_only=read_only, config=options(settings))
    except duckdb.Error as error:
        raise PipelineError(
            f"The warehouse {settings.warehouse} cannot be opened: {first_line(error)} "
            "Another program may hold it open: only the pipeline should; BI tools read published/current/kpi.duckdb."
        ) from error
    try:
        # a log is no place for a bar
        connection.execute("load icu; set TimeZone = 'UTC'; set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
    """The result of `sql` as one dictionary per row."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one whole number that `sql` returns: a count, or how many rows an insert has brought."""
    found = connection.execute(sql).fetchone()
    assert found is not None
    return int(found[0])


def insert(connection: duckdb.DuckDBPyConnection, table: str, records: Sequence[Sequence[Any]]) -> None:
    """Insert `records`, all columns of `table` each, as one statement: one per record costs milliseconds each."""
    import pyarrow as pa  # a tenth of a second, which those who only read need not wait

    if not records:
        return
    columns = {f"column_{number}": list(values) for number, values in enumerate(zip(*records, strict=True))}
    connection.register("records_to_insert", pa.table(columns))
    connection.execute(f"insert into {table} select * from records_to_insert")
    connection.unregister("records_to_insert")


def quoted(identifier: str) -> str:
    """`identifier` in double quotes, safe as a name in SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: str | dt.date) -> str:
    """`value` in single quotes, safe as a value in SQL where a parameter cannot stand."""
    return "'" + str(value).replace("'", "''") + "'"
