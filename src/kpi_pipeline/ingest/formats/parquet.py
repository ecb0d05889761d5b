"""Parquet: columns that bring their own types, and rows without lines."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest.formats.header import as_asked_for, told_apart
from kpi_pipeline.ingest.formats.reading import BadLine, Format, Place, Reading
from kpi_pipeline.warehouse.connection import quoted


class Parquet(Format):
    """The number of a row stands for its line."""

    content = "Parquet"

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """With the types of the columns as they are."""
        given = connection.sql("select * from read_parquet($path)", params={"path": str(path)}).columns
        names = told_apart(given, as_asked_for(given, layout), layout, "it").names
        columns = ", ".join(f"{quoted(theirs)} as {quoted(name)}" for theirs, name in zip(given, names, strict=True))
        connection.execute(
            f"create temp table incoming_text as select row_number() over () as _row, {columns} from read_parquet(?)",
            [str(path)],
        )
        relation = connection.table("incoming_text")
        types = dict(zip(relation.columns[1:], relation.types[1:], strict=True))
        return Reading("incoming_text", list(types), types=types)

    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """The numbers themselves; there is no text to show."""
        return {number: Place(number, "") for number in row_numbers}
