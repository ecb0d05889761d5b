"""Workbooks: sheets of cells, which are texts, numbers or dates."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import jdatetime
import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.columns import headers_asked_for
from kpi_pipeline.ingest.formats.header import (
    LINES_OF_A_TITLE,
    FoundHeader,
    Headers,
    header_among,
    no_header,
    usable_headers,
)
from kpi_pipeline.ingest.formats.reading import BadLine, Format, Place, Reading
from kpi_pipeline.ingest.formats.unpacking import BYTES_AT_ONCE
from kpi_pipeline.ingest.values import EPOCHS, JALALI

_ROWS_OF_A_SHEET = 1_048_576
"""As many as Excel allows; the rows of the second sheet are numbered from there on."""

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_MERGED_LENGTH = 200

Cells = tuple[object, ...]
ReadOnlyWorksheet = Any
"""openpyxl's sheet of a workbook that is not held as a whole, which its stubs do not know."""


class Workbook(Format):
    """The number of a row is that which Excel shows."""

    content = "a zip archive or workbook"

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """The rows below the header that are not blank, of every sheet of one form, every cell as text."""
        with _opened(path) as workbook:
            sheets, unread = _sheets_of_one_form(workbook, layout)
            given: dict[str, str] = {}
            repeated: dict[str, list[str]] = {}
            for sheet in reversed(sheets):
                given |= dict(zip(sheet.names, sheet.headers.given, strict=True))
                repeated |= sheet.headers.repeated
            names = list(dict.fromkeys(name for sheet in sheets for name in sheet.names))
            written = {
                header: layout.formats.get(name) for name, headers in layout.headers.items() for header in headers
            }
            numbers: list[int] = []
            columns: dict[str, list[str]] = {name: [] for name in names}
            filled: dict[str, list[int]] = defaultdict(list)
            for sheet in sheets:
                positions = {name: position for position, name in enumerate(sheet.names)}
                for number, cells, from_above in sheet.rows():
                    if not any(cell_text(cell) for cell in cells):
                        continue
                    numbers.append(sheet.rows_before + number)
                    for name, column in columns.items():
                        position = positions.get(name, len(cells))
                        column.append(cell_text(cells[position], written.get(name)) if position < len(cells) else "")
                        if position in from_above:
                            filled[name].append(numbers[-1])
        table = pa.table(
            {"_row": pa.array(numbers, pa.int64())}
            | {name: pa.array(column, pa.string()) for name, column in columns.items()}
        )
        connection.register("workbook_rows", table)
        connection.execute("create temp table incoming_text as select * from workbook_rows")
        connection.unregister("workbook_rows")
        return Reading(
            "incoming_text", names, filled=filled, warnings=_about_unread(unread), repeated=repeated,
            given=[given[name] for name in names],
        )  # fmt: skip

    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """The rows of these numbers, their cells as CSV would have them."""
        mark = layout.delimiter or ","
        with _opened(path) as workbook:
            sheets, _ = _sheets_of_one_form(workbook, layout)
            return {
                sheet.rows_before + number: Place(
                    number,
                    mark.join(cell_text(cell) for cell in cells).rstrip(mark),
                    f"sheet {sheet.title}" if len(sheets) > 1 else "",
                )
                for sheet in sheets
                for number, cells, _ in sheet.rows()
                if sheet.rows_before + number in row_numbers
            }


@dataclass(frozen=True)
class _Sheet:
    """A sheet that is read."""

    sheet: ReadOnlyWorksheet
    headers: Headers
    header_row: int
    rows_before: int
    """What is added to the numbers of its rows to tell them from those of the other sheets."""

    @property
    def names(self) -> list[str]:
        """What its columns are called."""
        return self.headers.names

    @property
    def title(self) -> str:
        """Its name."""
        return str(self.sheet.title)

    def rows(self) -> Iterator[tuple[int, Cells, set[int]]]:
        """The rows below the header: their number, their cells, and at which positions those are merged with one above.

        A merged cell has its value in its first row only; here it has it in each. To the right nothing is filled: there
        the value belongs to the first column.
        """
        begins: dict[tuple[int, int], int] = {}
        for column, first, last in _merged_down(self.sheet):
            begins[first, column - 1] = last
        merged: dict[int, tuple[int, object]] = {}
        for number, cells in _numbered(self.sheet):
            from_above: set[int] = set()
            merged = {position: each for position, each in merged.items() if each[0] >= number}
            if merged:
                wide = list(cells) + [None] * (max(merged) + 1 - len(cells))
                for position, (_, value) in merged.items():
                    if value is not None:
                        wide[position] = value
                        from_above.add(position)
                cells = tuple(wide)
            if begins:
                merged |= {
                    position: (begins[number, position], cell)
                    for position, cell in enumerate(cells)
                    if (number, position) in begins
                }
            if number > self.header_row:
                yield number, cells, from_above


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[list[ReadOnlyWorksheet]]:
    """The sheets of the workbook at `path`; what is wrong with it while they are read is an `UnreadableFileError`."""
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        with contextlib.closing(workbook):
            yield list(workbook.worksheets)
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise UnreadableFileError(f"it is no workbook that can be read: {first_line(error)}") from error


def _numbered(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, Cells]]:
    """The rows with their number, as they are and not as the sheet says it is: its dimension is often wrong."""
    sheet.reset_dimensions()
    return enumerate(sheet.iter_rows(values_only=True), start=1)


def _sheets_of_one_form(workbook: list[ReadOnlyWorksheet], layout: Layout) -> tuple[list[_Sheet], list[str]]:
    """The sheets that are read, and the names of those that have something else.

    The sheet that the layout names; else the first that has the header, with all that have the same of the headers that
    the layout asks for: a tab per month is one form. Where none has it, the first one, which is refused for it.

    Raises:
        UnreadableFileError: no sheet has a usable header.
    """
    titles = [sheet.title for sheet in workbook]
    wanted = layout.sheet if layout.sheet in titles else None
    if layout.sheet and not wanted:
        alike = [title for title in titles if fold(title) == fold(layout.sheet)]
        if len(alike) != 1:
            found_several = f"; {' and '.join(alike)} can both be meant" if alike else ""
            raise UnreadableFileError(f"it has no sheet {layout.sheet!r}; it has {', '.join(titles)}{found_several}")
        [wanted] = alike
    found = [
        (sheet, header) for sheet in workbook if wanted in (None, sheet.title) and (header := _header_of(sheet, layout))
    ]
    first = next((header for _, header in found if header.is_complete), found[0][1] if found else None)
    if first is None or (layout.preamble and not first.is_complete):
        raise no_header("row", layout)
    form = headers_asked_for(layout).intersection(first.names)
    of_the_form = [
        (sheet, header) for sheet, header in found if header is first or (form and form <= set(header.names))
    ]
    sheets = [
        _Sheet(sheet, usable_headers(header, layout, f"row {header.place}"), header.place, index * _ROWS_OF_A_SHEET)
        for index, (sheet, header) in enumerate(of_the_form)
    ]
    read = [sheet.title for sheet in sheets]
    return sheets, [sheet.title for sheet, _ in found if sheet.title not in read]


def _header_of(sheet: ReadOnlyWorksheet, layout: Layout) -> FoundHeader | None:
    """The header of a sheet; None where its first rows are blank."""

    def records() -> Iterator[tuple[int, list[str]]]:
        for number, cells in islice(_numbered(sheet), LINES_OF_A_TITLE):
            names = [cell_text(cell).strip() for cell in cells]
            while names and not names[-1]:
                names.pop()
            if names:
                yield number, names

    return header_among(records(), layout)


def _about_unread(sheets: list[str]) -> list[str]:
    if not sheets:
        return []
    what, their = ("sheet", "its") if len(sheets) == 1 else ("sheets", "their")
    return [f"the {what} {', '.join(sheets)} of it was not read: {their} header is another"]


def _merged_down(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, int, int]]:
    """Column, first and last row of the merged cells that are higher than one row.

    They stand behind the rows, and openpyxl knows them only of a workbook that it holds as a whole.
    """
    with sheet._get_source() as xml:
        text = b""
        while chunk := xml.read(BYTES_AT_ONCE):
            text = text[-_MERGED_LENGTH:] + chunk
            for found in _MERGED.finditer(text):
                column, first, _, last = range_boundaries(found[1].decode())
                if column and first and last and last > first:
                    yield column, first, last


def cell_text(cell: object, written: str | None = None) -> str:
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
