"""The tables of the warehouse that our own code writes and reads, declared as those of a release are.

dbt makes the rest: staging, entities, periods and KPIs. A verb creates the tables that it fills by `create_tables`,
and fills them by `insert_rows`, by name: whoever adds a column adds it here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from kpi_pipeline.contracts.tables import TABLES as RELEASE_TABLES
from kpi_pipeline.warehouse.connection import quoted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from kpi_pipeline.contracts.export import Entity

TABLES: Mapping[str, Mapping[str, str]] = {
    "raw.loads": {
        "load": "bigint", "loaded_at": "timestamp", "system": "text", "entity": "text", "layout": "text",
        "file": "text", "content": "text", "status": "text", "reason": "text", "version_at": "timestamp",
        "report": "text", "series": "text", "is_provisional": "boolean", "unnamed_columns": "text", "warnings": "text",
        "rows_read": "bigint", "rows_loaded": "bigint", "rows_added_up": "bigint", "rows_repeated": "bigint",
        "rows_superseded": "bigint", "rows_gone": "bigint", "rows_left_out": "bigint", "rows_quarantined": "bigint",
        "rows_refused": "bigint", "rows_otherwise": "bigint", "left_out_because": "text",
    },
    # the days that a report speaks of, also where it has no row: what an older edition said about them counts no more
    "raw.coverage": {"load": "bigint", "first_day": "date", "last_day": "date"},
    "raw.quarantine": {
        "load": "bigint", "entity": "text", "file": "text", "line": "bigint", "column_name": "text", "reason": "text",
        "raw_text": "text",
    },
    "raw.files": {
        "file": "text primary key", "size": "bigint", "modified_ns": "bigint", "changed_ns": "bigint",
        "content": "text",
    },
    # the files that nobody reads, as they lie there now; system is NULL outside of the systems' folders
    "raw.left_alone": {"file": "text", "system": "text", "reason": "text"},
    "raw.export_status": {
        "entity": "text primary key", "system": "text", "verdict": "text", "reason": "text", "warnings": "text",
    },
    # the rows that would be published, of all KPIs
    "candidate.kpi_values": RELEASE_TABLES["kpi_values"],
    # the totals of periods that were cut to the length of the running one, for the scorecard's comparison
    "candidate.cut": {"kpi": "text", "period_grain": "text", "period_start": "date", "kpi_value": "double"},
    "audit.builds": {
        "kpi": "text", "status": "text", "reason": "text", "row_count": "bigint", "suppressed_count": "bigint",
        "data_through": "date",
    },
    # what is judged: the batches that the rules of exports and entities are asked of
    "audit.exports": {"entity": "text"},
    "audit.entities": {"entity": "text"},
    "audit.findings": {
        "subject": "text", "expectation": "text", "severity": "text", "success": "boolean", "observed": "text",
        "details": "text",
    },
    "audit.verdicts": {"kpi": "text", "verdict": "text", "reason": "text"},
}  # fmt: skip
"""Table: its columns, in order, with their types in DuckDB."""

OF_A_ROW = {
    "_load": "bigint", "_row": "bigint", "_version_at": "timestamp", "_gone": "boolean", "_absorbs": "text[]",
    "_new_columns": "text",
}  # fmt: skip
"""What ``raw.<entity>`` has beside the entity's columns: its line in ``raw.loads``, its order in the file (may be NULL
where no key stands twice in it), when its version was made, whether it says that its thing is gone, the identities that
were merged into its own, and the values under headers that nobody named."""


def create_tables(connection: duckdb.DuckDBPyConnection, *names: str, anew: bool = False) -> None:
    """Create the tables called `names` where they do not exist yet; empty ones in any case, where `anew`."""
    for name in names:
        columns = ", ".join(f"{column} {kind}" for column, kind in TABLES[name].items())
        begin = "create or replace table" if anew else "create table if not exists"
        connection.execute(f"create schema if not exists {name.split('.')[0]}; {begin} {name} ({columns})")
        _add_columns(connection, name, TABLES[name])


def _add_columns(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> None:
    """Add what an older warehouse does not have yet of the `columns` of `table`."""
    known = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    for name in columns:
        if name not in known:
            connection.execute(f"alter table {table} add column {quoted(name)} {columns[name]}")


def create_raw_tables(connection: duckdb.DuckDBPyConnection, entities: Iterable[Entity]) -> None:
    """Create the tables of ``raw`` that do not exist yet: an entity that never had an export is an empty table."""
    create_tables(connection, *(name for name in TABLES if name.startswith("raw.")))
    for entity in entities:
        columns = {column.name: str(column.data_type) for column in entity.columns} | OF_A_ROW
        declared = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"create table if not exists raw.{entity.name} ({declared})")
        _add_columns(connection, f"raw.{entity.name}", columns)


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, records: Sequence[DataclassInstance | Mapping[str, Any]]
) -> None:
    """Insert `records` into `table` of this schema, their fields by name, as one statement.

    A field that the table does not have is left out, a column that the records do not have is NULL.
    """
    import pyarrow as pa  # a tenth of a second, which those who only read need not wait

    if not records:
        return
    given = [dataclasses.asdict(each) if dataclasses.is_dataclass(each) else dict(each) for each in records]
    columns = [column for column in TABLES[table] if column in given[0]]
    if len(given) == 1:  # a table that is brought in costs more than it has rows
        places = ", ".join("?" * len(columns))
        connection.execute(
            f"insert into {table} ({', '.join(columns)}) values ({places})", [given[0][name] for name in columns]
        )
        return
    connection.register("records_to_insert", pa.table({name: [row[name] for row in given] for name in columns}))
    names = ", ".join(columns)
    connection.execute(f"insert into {table} ({names}) select {names} from records_to_insert")
    connection.unregister("records_to_insert")
