"""Workbooks: one sheet of cells, which are texts, numbers or dates."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb
import jdatetime
import pyarrow as pa

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.formats.header import headers_of_every_file, usable_headers
from kpi_pipeline.ingest.formats.reading import BadLine, Format, Place, Reading
from kpi_pipeline.ingest.values import EPOCHS, JALALI


class Workbook(Format):
    """The number of a row is that which Excel shows."""

    content = "a zip archive or workbook"

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """The rows below the header that are not blank, every cell as text."""
        rows_of = _rows_of_sheet(path, layout)
        needed = headers_of_every_file(layout)
        header: list[str] = []
        first = 0
        for number, cells in rows_of:
            first = number
            header = [_cell_text(cell).strip() for cell in cells]
            while header and not header[-1]:
                header.pop()
            if header and (not layout.preamble or needed <= set(header)):
                break
        else:
            wanted = ", ".join(sorted(needed))
            raise UnreadableFileError(f"no row of it is the header; it should have the columns {wanted}")
        names = usable_headers(header, layout, f"row {first}")
        formats = {header: layout.formats.get(name) for name, headers in layout.headers.items() for header in headers}
        numbers: list[int] = []
        columns: list[list[str]] = [[] for _ in names]
        for number, cells in rows_of:
            if not any(_cell_text(cell) for cell in cells):
                continue
            numbers.append(number)
            for position, column in enumerate(columns):
                written = formats.get(names[position])
                column.append(_cell_text(cells[position], written) if position < len(cells) else "")
        table = pa.table(
            {"_row": pa.array(numbers, pa.int64())}
            | {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
        )
        connection.register("workbook_rows", table)
        connection.execute("create temp table incoming_text as select * from workbook_rows")
        connection.unregister("workbook_rows")
        return Reading("incoming_text", names)

    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """The rows of these numbers, their cells as CSV would have them."""
        return {
            number: Place(number, layout.delimiter.join(_cell_text(cell) for cell in cells).rstrip(layout.delimiter))
            for number, cells in _rows_of_sheet(path, layout)
            if number in row_numbers
        }


def _rows_of_sheet(path: Path, layout: Layout) -> Iterator[tuple[int, tuple[object, ...]]]:
    """The rows of the layout's sheet with their number."""
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        if layout.sheet and layout.sheet not in workbook.sheetnames:
            raise UnreadableFileError(f"it has no sheet {layout.sheet!r}; it has {', '.join(workbook.sheetnames)}")
        sheet = workbook[layout.sheet] if layout.sheet else workbook.worksheets[0]
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise UnreadableFileError(f"it is no workbook that can be read: {first_line(error)}") from error


def _cell_text(cell: object, written: str | None = None) -> str:
    """A cell as text. One that is a date, and not text that looks like one, is `written` as the layout says dates are.

    A Persian workbook may hold both: dates that Excel only shows in the Jalali calendar, and Jalali dates as text.
    """
    match cell:
        case dt.datetime() if written == JALALI:
            return str(jdatetime.datetime.fromgregorian(datetime=cell).strftime("%Y-%m-%d %H:%M:%S"))
        case dt.datetime() if written and written not in EPOCHS:
            return cell.strftime(written)
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
        case _:
            return str(cell)
