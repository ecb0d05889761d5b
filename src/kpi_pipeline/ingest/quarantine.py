"""The quarantine: rows that could not be loaded, where they stand and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import duckdb

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.warehouse.connection import connect, rows
from kpi_pipeline.warehouse.schema import insert_rows


@dataclass(frozen=True)
class QuarantinedFile:
    """A file of which rows are in quarantine."""

    file: str
    entity: str
    status: str
    """loaded without those rows, or refused whole"""
    loaded_at: dt.datetime
    row_count: int
    first_reason: str


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that could not be loaded."""

    file: str
    entity: str
    line: int
    column_name: str | None
    reason: str
    raw_text: str


def list_quarantine(settings: Settings) -> list[QuarantinedFile]:
    """The files with rows in quarantine, the newest load first.

    Raises:
        PipelineError: there is no warehouse yet.
    """
    with connect(settings, read_only=True) as connection:
        found = rows(
            connection,
            """
            select
                loads.file, loads.entity, loads.status, loads.loaded_at, loads.rows_quarantined as row_count,
                arg_min(quarantine.reason, quarantine.line) as first_reason
            from raw.loads inner join raw.quarantine on loads.load = quarantine.load
            group by all order by loads.loaded_at desc, loads.file, loads.entity
            """,
        )
    return [QuarantinedFile(**row) for row in found]


def show_quarantine(settings: Settings, file: str, last: int = 100) -> list[QuarantinedRow]:
    """The first `last` rows in quarantine of `file` (its path below the exports folder), by line.

    Raises:
        PipelineError: nothing of that file is in quarantine.
    """
    with connect(settings, read_only=True) as connection:
        found = rows(
            connection,
            "select file, entity, line, column_name, reason, raw_text from raw.quarantine where file = ? "
            "order by load desc, line limit ?",
            [file, last],
        )
    if not found:
        raise PipelineError(
            f"Nothing of {file} is in quarantine. `kpi quarantine` lists the files that have rows there."
        )
    return [QuarantinedRow(**row) for row in found]


def write_quarantine(connection: duckdb.DuckDBPyConnection, records: Sequence[QuarantinedRow], load: int) -> None:
    """Keep the rows that load number `load` could not load."""
    insert_rows(connection, "raw.quarantine", [{"load": load, **asdict(record)} for record in records])
