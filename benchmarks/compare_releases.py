"""Do two releases say the same? ``python -m benchmarks.compare_releases OLD NEW [--apart-from TABLE.COLUMN ...]``.

Each is a folder with a ``kpi.duckdb``. Every table is compared by content: every row and every column that both have,
but for what differs between any two runs. Of the audits, what failed is compared, because how many rules there are and
what they are called is not what they say. Exit code 0 where the two are equal, 1 where they are not.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

import duckdb

OF_A_RUN = {"kpi_runs": {"run"}, "kpi_audits": {"run"}, "kpi_revisions": {"changed_in_release"}}
"""What differs between any two runs, by table."""

ONLY = {"kpi_audits": ({"subject", "severity", "details"}, "not success")}
"""Table: the columns and the rows that are compared, where that is not all of them."""


def compare(old: Path, new: Path, apart_from: Collection[str] = ()) -> list[str]:
    """The differences between the releases in the folders `old` and `new`, a sentence each; none where they are equal.

    Args:
        old: folder of a release.
        new: folder of the other one.
        apart_from: ``table.column``, or a whole ``table``, that is meant to differ.
    """
    with duckdb.connect() as connection:
        for name, folder in (("old", old), ("new", new)):
            connection.execute(f"attach '{folder / 'kpi.duckdb'}' as {name} (read_only)")
        columns = {name: _columns(connection, name) for name in ("old", "new")}
        differences = [
            f"{table}: only in {name}"
            for name, other in (("old", "new"), ("new", "old"))
            for table in sorted(columns[name].keys() - columns[other].keys())
            if table not in apart_from
        ]
        for table in sorted((columns["old"].keys() & columns["new"].keys()) - set(apart_from)):
            differences += _differences(connection, table, columns["old"][table], columns["new"][table], apart_from)
    return differences


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    found = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where database_name = ? and schema_name = 'main' group by table_name", [database],
    ).fetchall()  # fmt: skip
    return dict(found)


def _differences(
    connection: duckdb.DuckDBPyConnection, table: str, old: list[str], new: list[str], apart_from: Collection[str]
) -> list[str]:
    said = [
        f"{table}.{column}: only in {name}"
        for name, there, other in (("old", old, new), ("new", new, old))
        for column in there
        if column not in other and f"{table}.{column}" not in apart_from
    ]
    only, where = ONLY.get(table, (set(old), "true"))
    left_out = OF_A_RUN.get(table, set()) | {name.split(".")[1] for name in apart_from if name.startswith(f"{table}.")}
    compared = [column for column in old if column in new and column in only and column not in left_out]
    names = ", ".join(compared)
    for name, other in (("old", "new"), ("new", "old")):
        sql = (
            f"select {names} from {name}.main.{table} where {where} "
            f"except all select {names} from {other}.main.{table} where {where}"
        )
        rows = connection.execute(f"select *, count(*) over () from ({sql}) limit 3").fetchall()
        if rows:
            examples = "; ".join(str(row[:-1]) for row in rows)
            said.append(f"{table}: {rows[0][-1]:,} rows are in {name} only, such as {examples}")
    return said


def main() -> int:
    """Print the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path, help="folder of a release")
    parser.add_argument("new", type=Path, help="folder of the other one")
    parser.add_argument("--apart-from", nargs="*", default=[], help="table or table.column that is meant to differ")
    given = parser.parse_args()
    differences = compare(given.old, given.new, given.apart_from)
    print("\n".join(differences) or "The two releases say the same.")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
