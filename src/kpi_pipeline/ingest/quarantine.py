"""The quarantine: rows that could not be loaded, where they stand and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.ingest.columns import as_reported, columns_to_read
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS
from kpi_pipeline.ingest.formats.reading import BadLine
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


def bad_rows(file: Incoming, plain: Path, bad_lines: Sequence[BadLine], limit: int) -> list[QuarantinedRow]:
    """The first `limit` rows of a file that cannot be loaded, by line: its lines that are no rows, and ``bad_rows``."""
    entity, layout = file.entity, file.layout
    columns = {column.name: column for column in columns_to_read(entity, layout)}
    found = file.connection.execute(
        "select _row, _problem, _given from bad_rows order by _row limit ?", [limit]
    ).fetchall()
    places = FORMATS[layout.format].locate(plain, layout, [row for row, *_ in found], bad_lines) if found else {}
    records = [
        QuarantinedRow(file.name, entity.name, bad.line, None, bad.reason, bad.raw_text) for bad in bad_lines[:limit]
    ]
    for row, problem, given in found:
        line, raw_text = places.get(row, (row, ""))
        column = columns[problem]
        reason = f"{given!r} is no {column.data_type}"
        if given is None:
            reason = f"{column.name} is required and is empty"
        records.append(QuarantinedRow(file.name, entity.name, line, as_reported(column, layout), reason, raw_text))
    return sorted(records, key=lambda record: record.line)[:limit]


def write_quarantine(connection: duckdb.DuckDBPyConnection, records: Sequence[QuarantinedRow], load: int) -> None:
    """Keep the rows that load number `load` could not load."""
    insert_rows(connection, "raw.quarantine", [{"load": load, **asdict(record)} for record in records])
