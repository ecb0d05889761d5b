"""A look at a file that nobody reads yet: what it is, and which lines of it may be its header.

Nothing is loaded, and no layout is needed: this is for telling people what a file is, and for files whose name alone
does not say whose they are. It looks at the first rows only.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.contracts.layout import FileFormat
from kpi_pipeline.ingest.formats.header import LINES_OF_A_TITLE

BYTES_LOOKED_AT = 1024 * 1024
"""Of a text; of a JSON document that is no list of lines, all of it."""

DELIMITERS = (",", ";", "\t", "|")
_BROKEN = (
    OSError, EOFError, ValueError, KeyError, IndexError, RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error,
    duckdb.Error, csv.Error,
)  # fmt: skip
"""What libraries raise on a file that is damaged; an XML of a workbook raises a SyntaxError."""
_PERSIAN_OR_ARABIC = re.compile("[\u0600-\u06ff]{3}")
_DATA = re.compile(r"[\s\d.,:/+\-()%$€£۰-۹٠-٩]*[\d۰-۹٠-٩][\s\d.,:/+\-()%$€£T۰-۹٠-٩Z]*")
"""A number, a date or a time: what no header is called."""


@dataclass(frozen=True)
class Table:
    """The first rows of a file as one delimiter, or one sheet, shows them."""

    records: list[list[str]]
    delimiter: str | None = None
    sheet: str | None = None

    def header_row(self) -> int:
        """The row that is most likely the header: the first that is as wide as most rows, and all of it names."""
        widths = [sum(bool(cell.strip()) for cell in record) for record in self.records]
        widest = max(widths, default=0)
        usual = max(set(widths), key=lambda width: (width > 1, widths.count(width), width), default=0)
        for number, (record, width) in enumerate(zip(self.records, widths, strict=True)):
            if width >= max(min(usual, widest), 1) and are_names(record):
                return number
        return next((number for number, width in enumerate(widths) if width == widest), 0)


@dataclass(frozen=True)
class Look:
    """What was seen."""

    format: FileFormat | None
    """None where it is in no format that is read; `problem` says why."""
    tables: list[Table] = field(default_factory=list)
    encoding: str = "utf-8"
    problem: str = ""

    @property
    def headers(self) -> list[list[str]]:
        """Every row that may be the header."""
        return [record for table in self.tables for record in table.records]


def look_at(path: Path, name: str) -> Look:
    """Look at the file at `path`; `name` says whether it is packed.

    A file that cannot be read is no error here: it has no rows, and a `problem`.
    """
    try:
        return _look_at(path, name)
    except _BROKEN as error:
        return Look(None, problem=f"it cannot be read: {str(error).splitlines()[0] if str(error) else 'it is broken'}")


def are_names(record: Sequence[str]) -> bool:
    """Whether a row can be a header: names, each once at least in part, and no numbers, dates or HTML."""
    cells = [cell.strip() for cell in record if cell.strip()]
    data = sum(cell.startswith("<") or bool(_DATA.fullmatch(cell)) for cell in cells)
    return bool(cells) and data == 0 and len(set(cells)) > len(cells) / 2


def _look_at(path: Path, name: str) -> Look:
    with path.open("rb") as stream:
        head = stream.read(8)
    if not head:
        return Look(None, problem="it is empty")
    if head.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            found = connection.execute("select * from read_parquet(?) limit 50", [str(path)])
            names = [column[0] for column in found.description or []]
            rows = [["" if cell is None else str(cell) for cell in row] for row in found.fetchall()]
        return Look("parquet", [Table([names, *rows])])
    if head.startswith(b"PK"):
        return _look_into_archive(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return Look(None, problem="it is a workbook of an old Excel: save it as .xlsx")
    if head.startswith(b"%PDF"):
        return Look(None, problem="a PDF is for printing: export a table (CSV or .xlsx)")
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as packed:
            return _look_at_text(packed.read(BYTES_LOOKED_AT), lambda: gzip.decompress(path.read_bytes()))
    with path.open("rb") as stream:
        return _look_at_text(stream.read(BYTES_LOOKED_AT), path.read_bytes)


def _look_into_archive(path: Path, name: str) -> Look:
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        if "xl/workbook.xml" in members:
            return _look_at_workbook(path)
        if any(member.startswith("Index/") for member in members) or path.suffix.lower() == ".numbers":
            return Look(None, problem="it is a document of Apple Numbers: export it as CSV or .xlsx")
        inside = [info for info in archive.infolist() if not info.is_dir()]
        if len(inside) != 1:
            return Look(None, problem=f"it is an archive of {len(inside)} files: unpack it")
        with archive.open(inside[0]) as stream:
            return _look_at_text(stream.read(BYTES_LOOKED_AT), lambda: archive.read(inside[0]))


def _look_at_workbook(path: Path) -> Look:
    from openpyxl import load_workbook  # here, because few looks are at a workbook, and it takes its time

    from kpi_pipeline.ingest.formats.workbook import cell_text

    workbook = load_workbook(path, read_only=True, data_only=True)
    tables = []
    try:
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()
            rows = [
                [cell_text(cell) for cell in cells]
                for cells in itertools.islice(sheet.iter_rows(values_only=True), LINES_OF_A_TITLE)
            ]
            if records := [row for row in rows if any(row)]:
                tables.append(Table(records, sheet=sheet.title))
    finally:
        workbook.close()
    return Look("xlsx", tables)


def _look_at_text(start: bytes, whole: Any) -> Look:
    text, encoding = _decoded(start)
    if "\x00" in text:
        return Look(None, problem="it is no text, no workbook and no Parquet file")
    beginning = text.lstrip()
    if beginning[:1] in ("{", "["):
        objects = list(itertools.islice(_objects(text, whole), LINES_OF_A_TITLE))
        keys = list(dict.fromkeys(key for each in objects for key in each))
        rows = [[_json_text(each.get(key)) for key in keys] for each in objects]
        return Look("jsonl", [Table([keys, *rows])] if keys else [], encoding)
    lines = text.splitlines(keepends=True)
    if len(start) == BYTES_LOOKED_AT:
        lines = lines[:-1] or lines
    tables = [Table(records, delimiter) for delimiter in DELIMITERS if (records := list(_records(lines, delimiter)))]
    return Look("csv", tables, encoding)


def _decoded(start: bytes) -> tuple[str, str]:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start[: len(start) // 2 * 2].decode("utf-16", "replace"), "utf-16"
    if b"\x00" in start[1:200:2] and b"\x00" not in start[0:200:2]:
        return start[: len(start) // 2 * 2].decode("utf-16-le", "replace"), "utf-16"
    try:
        return start.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start > len(start) - 4 and len(start) == BYTES_LOOKED_AT:  # a letter that was cut in two
            return start[: error.start].decode("utf-8-sig"), "utf-8"
    persian = start.decode("windows-1256", "replace")
    if _PERSIAN_OR_ARABIC.search(persian):
        return persian, "windows-1256"
    return start.decode("windows-1252", "replace"), "windows-1252"


def _records(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """The first records under this delimiter that have more than one cell, or the first one where none has."""
    records = list(itertools.islice(csv.reader(lines, delimiter=delimiter), LINES_OF_A_TITLE))
    wide = [record for record in records if len(record) > 1]
    if wide:
        yield from wide
    elif delimiter == DELIMITERS[0]:
        yield from (record for record in records if record)


def _objects(text: str, whole: Any) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines, or of the list that a document is or has."""
    lines = [line for line in text.splitlines() if line.strip()]
    parsed = [value for line in lines[:LINES_OF_A_TITLE] if isinstance(value := _json_or_none(line), dict)]
    if len(parsed) > 1 or (len(lines) == 1 and parsed and not _list_in(parsed[0])):
        yield from parsed
        return
    document = _json_or_none(_decoded(whole())[0])
    listed = document if isinstance(document, list) else _list_in(document)
    yield from (each for each in listed if isinstance(each, dict))


def _list_in(document: Any) -> list[Any]:
    lists: Iterable[Any] = document.values() if isinstance(document, dict) else ()
    return next((each for each in lists if isinstance(each, list) and each and isinstance(each[0], dict)), [])


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _json_text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
