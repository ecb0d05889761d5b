"""The tables of a release: how one is filled, and how the same table of the release before is read.

That release may be of an older version of this program, or of a newer one: it is asked for the columns that it has.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from kpi_pipeline.contracts.tables import TABLES, columns_of, create_table
from kpi_pipeline.warehouse.connection import literal


def fill(connection: duckdb.DuckDBPyConnection, table: str, select: str, order: str = "") -> None:
    """Create `table` and fill it from a query that returns its columns, by name.

    Args:
        connection: on the release.
        table: its name, here and in `TABLES`.
        select: the query.
        order: in which order the rows are to stand; that of all columns where not told.
    """
    connection.execute(create_table(table, table))
    columns = columns_of(table)
    connection.execute(f"insert into {table} select {columns} from ({select}) order by {order or columns}")


def open_before(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """Make the database ``before``: every table of today as the release before has it.

    A column that it lacks is NULL, a table that it lacks is empty; so are all where there is no release before.

    Args:
        connection: on the release.
        previous: folder of the release before; None before the first.
    """
    connection.execute("attach ':memory:' as before")
    found: dict[str, set[str]] = {}
    if previous:
        connection.execute(f"attach {literal(str(previous / 'kpi.duckdb'))} as previous (read_only)")
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'previous'"
        ).fetchall():
            found.setdefault(table, set()).add(column)
    for table, columns in TABLES.items():
        if table not in found:
            connection.execute(create_table(f"before.{table}", table))
            continue
        selected = ", ".join(
            name if name in found[table] else f"cast(null as {kind}) as {name}" for name, kind in columns.items()
        )
        connection.execute(f"create view before.{table} as select {selected} from previous.main.{table}")
