"""The files of a release: every table as Parquet and CSV, and a manifest with checksums, all of it on the disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.contracts.tables import TABLES, columns_of
from kpi_pipeline.warehouse.connection import literal


def write_tables_as_files(connection: duckdb.DuckDBPyConnection, work: Path) -> dict[str, int]:
    """Write every table into ``parquet/`` and ``csv/`` of the folder `work`, in the order of its rows.

    Returns:
        The number of rows of each table.
    """
    counts = {}
    for kind in ("parquet", "csv"):
        (work / kind).mkdir()
    for table in TABLES:
        # rowid is the order in which the sorted rows were written
        selected = f"(select {columns_of(table)} from {table} order by rowid)"
        parquet, csv = work / "parquet" / f"{table}.parquet", work / "csv" / f"{table}.csv"
        connection.execute(f"copy {selected} to {literal(str(parquet))} (format parquet, compression zstd)")
        connection.execute(f"copy {selected} to {literal(str(csv))} (format csv, header)")
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        counts[table] = row[0]
    return counts


def write_manifest(work: Path, said: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` into `work`: what is `said` of the release, and the checksum of every file there.

    Afterwards all files are on the disk, with their names.
    """
    files = sorted(path for path in work.rglob("*") if path.is_file())
    manifest = {**said, "sha256": {path.relative_to(work).as_posix(): _checksum(path) for path in files}}
    path = work / "manifest.json"
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for each in [*files, path, *sorted({file.parent for file in files})]:
        sync(each)


def sync(path: Path) -> None:
    """Have the disk remember the content of the file `path`, or the names in the folder `path`.

    So that a power cut leaves all of a release or none.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
