"""The formats that there are, and opening a file in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from kpi_pipeline.contracts.layout import FileFormat, Layout
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.formats.csv_text import CsvText
from kpi_pipeline.ingest.formats.json_lines import JsonLines
from kpi_pipeline.ingest.formats.parquet import Parquet
from kpi_pipeline.ingest.formats.reading import Format, Reading
from kpi_pipeline.ingest.formats.workbook import Workbook

FORMATS: Mapping[FileFormat, Format] = {
    "csv": CsvText(),
    "jsonl": JsonLines(),
    "parquet": Parquet(),
    "xlsx": Workbook(),
}
"""The format that a layout names, and what reads it. A new one is a file beside this one and a line here, and its name
and its suffixes in `contracts.export`."""


def open_export(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    """Read `path`, a plain file, into the temporary table ``incoming_text``: a row number and a column per header.

    Raises:
        UnreadableFileError: the file is not in the format that its layout names, or its header is unusable.
    """
    connection.execute("drop table if exists incoming_text")
    try:
        return FORMATS[layout.format].read(connection, path, layout)
    except (duckdb.Error, OSError) as error:
        raise UnreadableFileError(f"it cannot be read as {layout.format}: {first_line(error)}") from error
