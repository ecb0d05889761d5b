"""Reading one export file as rows of text, whatever its format, and finding a row again in the file.

Values are parsed by DuckDB, in C++ and once. What a person needs to mend a broken file, the line and the raw text of a
bad row, is looked up afterwards, for bad rows only.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, cast

import duckdb
import jdatetime
import pyarrow as pa
from duckdb.sqltypes import DuckDBPyType

from kpi_pipeline.contracts.layout import FileFormat, FirstOf, Layout
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.conversions import EPOCHS, JALALI
from kpi_pipeline.warehouse.connection import literal, quoted

_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"
_JSON_SIGN = re.compile(r"\s*([\[\]{}:,])\s*")
_LINES_AT_ONCE = 50_000
_BYTES_AT_ONCE = 4 * 1024 * 1024

# Python's own limit of 128 KB would hide what DuckDB, whose limit is 2 MB a line, has read.
csv.field_size_limit(16_000_000)


@dataclass(frozen=True)
class BadLine:
    """A line that is no row at all: it has too many fields, an open quote, or bytes that are not text."""

    line: int
    reason: str
    raw_text: str
    lines: int = 1
    """How many lines of the file it takes: a quoted field may go on over several."""


@dataclass(frozen=True)
class Reading:
    """A file, ready to be selected from: ``select _row, "<header>", ... from <relation>``."""

    relation: str
    headers: list[str]
    types: dict[str, DuckDBPyType] = field(default_factory=dict)
    """Header: the type that the file itself brings, where it brings types (Parquet)."""
    bad_lines: list[BadLine] = field(default_factory=list)
    is_plain: bool = False
    """Whether the text is plain ASCII: a space is the only blank around a value, which spares it slower expressions."""
    rows: int | None = None
    """How many rows plain text has, if each line is one; None where nothing in it could make that untrue."""


@contextlib.contextmanager
def as_plain_file(path: Path, layout: Layout, scratch: Path) -> Iterator[Path]:
    """`path` as a file that DuckDB reads: text in UTF-8, not packed. Often that is `path` itself.

    Unpacked here, because DuckDB reads a damaged gzip without a word.

    Raises:
        UnreadableFileError: the file is empty, is not in the format that its layout names, or not in its encoding.
    """
    _check_content(path, layout.format)
    if layout.format in ("parquet", "xlsx"):
        yield path
        return
    with contextlib.ExitStack() as stack:
        plain = path
        try:
            if path.suffix in (".gz", ".zip"):
                plain = _unpacked(path, Path(stack.enter_context(_folder_in(scratch))))
            encoding = _encoding_of(plain, layout)
            if encoding != "utf-8":
                plain = _recoded(plain, encoding, Path(stack.enter_context(_folder_in(scratch))))
            if layout.format == "jsonl" and ".json" in path.suffixes and _is_document(plain, layout):
                plain = _as_lines(plain, layout, Path(stack.enter_context(_folder_in(scratch))))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableFileError(f"it cannot be unpacked: {_first_line(error)}") from error
        except UnicodeError as error:
            raise UnreadableFileError(f"it is not {layout.encoding} text: {_first_line(error)}") from error
        yield plain


def _folder_in(scratch: Path) -> tempfile.TemporaryDirectory[str]:
    scratch.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=scratch, prefix="reading-")


def _unpacked(path: Path, folder: Path) -> Path:
    plain = folder / "unpacked.txt"
    with contextlib.ExitStack() as stack:
        if path.suffix == ".gz":
            packed: IO[bytes] = cast(IO[bytes], stack.enter_context(gzip.open(path)))
        else:
            archive = stack.enter_context(zipfile.ZipFile(path))
            members = [
                info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")
            ]
            if len(members) != 1:
                raise UnreadableFileError(f"it holds {len(members)} files; pack one export into a zip")
            packed = stack.enter_context(archive.open(members[0]))
        with plain.open("wb") as stream:
            shutil.copyfileobj(packed, stream, _BYTES_AT_ONCE)
    return plain


def _encoding_of(path: Path, layout: Layout) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(_BOM):
        return "utf-8"
    return "utf-16-le" if layout.encoding == "utf-16" else layout.encoding


def _recoded(path: Path, encoding: str, folder: Path) -> Path:
    plain = folder / "recoded.txt"
    with (
        path.open("rb") as stream,
        io.TextIOWrapper(stream, encoding, newline="") as text,
        plain.open("w", encoding="utf-8", newline="") as recoded,
    ):
        shutil.copyfileobj(text, recoded)
    return plain


def _is_document(path: Path, layout: Layout) -> bool:
    """Whether the JSON is one list, or one object around the list that the layout names, and not an object a line."""
    with path.open("rb") as stream:
        lines = (text for line in stream if (text := line.removeprefix(_BOM).strip()))
        first, second = next(lines, b""), next(lines, b"")
    if layout.records is None or not first.startswith(b"{"):
        return first.startswith(b"[")
    keys = _keys_of(first)
    # a broken line before a whole one costs itself only, not the file
    return _keys_of(second) is None if keys is None else layout.records in keys


def _keys_of(line: bytes) -> set[str] | None:
    """The keys of the JSON object that `line` is, None where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return set(value) if isinstance(value, dict) else None


def _as_lines(path: Path, layout: Layout, folder: Path) -> Path:
    """The objects of a JSON document, one a line: a bad one is told by its number."""
    lines = folder / "objects.jsonl"
    try:
        with path.open("rb") as stream:
            text = stream.read().decode("utf-8-sig")
        with lines.open("w", encoding="utf-8") as written:
            for value in _values_of_list(text, layout.records):
                # a line end in a value is a blank: within a string it would be written as \n
                written.write(value.replace("\r", " ").replace("\n", " ") + "\n")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFileError(f"it is no whole JSON document: {error.msg} at {where}; export it again") from error
    except RecursionError as error:
        raise UnreadableFileError("its JSON is nested deeper than any export") from error
    return lines


def _values_of_list(text: str, records: str | None) -> Iterator[str]:
    """The values of the list that `text` is, or that stands under the key `records` of the object that it is.

    As they are written there: a number that went through Python might come out as another one.
    """
    document = json.loads(text)
    if isinstance(document, dict) and not isinstance(document.get(records), list):
        raise UnreadableFileError(f"it is one JSON object without the list {records!r}; export it again")
    decoder = json.JSONDecoder()
    sign, at = _sign_after(text, 0)
    while sign in "{,":
        key, at = decoder.raw_decode(text, at)
        _, at = _sign_after(text, at)
        if key == records and text[at] == "[":
            sign, at = _sign_after(text, at)
            break
        _, at = decoder.raw_decode(text, at)
        sign, at = _sign_after(text, at)
    while sign != "]" and text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        yield text[at:end]
        sign, at = _sign_after(text, end)


def _sign_after(text: str, at: int) -> tuple[str, int]:
    """The sign that follows `at` in valid JSON, and where what follows it begins."""
    found = _JSON_SIGN.match(text, at)
    assert found is not None
    return found[1], found.end()


def open_export(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    """Read `path`, a plain file, into the temporary table ``incoming_text``: a row number and a column per header.

    Raises:
        UnreadableFileError: the file is not in the format that its layout names, or its header is unusable.
    """
    connection.execute("drop table if exists incoming_text")
    try:
        match layout.format:
            case "csv":
                return _read_csv(connection, path, layout)
            case "jsonl":
                return _read_jsonl(connection, path)
            case "parquet":
                return _read_parquet(connection, path)
            case "xlsx":
                return _read_workbook(connection, path, layout)
    except (duckdb.Error, OSError) as error:
        raise UnreadableFileError(f"it cannot be read as {layout.format}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _check_content(path: Path, file_format: FileFormat) -> None:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise UnreadableFileError("the file is empty, not even a header is in it; export it again")
    actual = {_GZIP: "gzip", _PARQUET[:2]: "Parquet", _ZIP[:2]: "a zip archive or workbook"}.get(head[:2], "text")
    packed = {".gz": "gzip", ".zip": "a zip archive or workbook"}.get(path.suffix, "text")
    expected = {"parquet": "Parquet", "xlsx": "a zip archive or workbook"}.get(file_format, packed)
    if actual != expected:
        raise UnreadableFileError(
            f"its name promises {expected}, its content is {actual}; export it again or give it its right name"
        )


@contextlib.contextmanager
def _text_of(path: Path) -> Iterator[IO[str]]:
    """The text, its line ends as they are; bytes that are no UTF-8 come as surrogates and go back as they came."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        yield text


def _without_bom(text: Iterator[str]) -> Iterator[str]:
    for line in islice(text, 1):
        yield line.removeprefix("\ufeff")
    yield from text


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\r\n")


def _headers_of_every_file(layout: Layout) -> set[str]:
    """The headers that the layout cannot do without; of alternatives, any one will do."""
    alternatives = {name for name, given in layout.columns.items() if isinstance(given, FirstOf)}
    return {header for name, headers in layout.headers.items() for header in headers if name not in alternatives}


@dataclass(frozen=True)
class CsvHeader:
    """The header of a CSV, and how many lines of a report's title stand before it."""

    names: list[str]
    lines_before: int


def csv_header(path: Path, layout: Layout) -> CsvHeader:
    """The header of the plain CSV at `path`: its first line, or after a preamble the first that has all columns.

    A name that stands twice gets a number from the second on, so that the layout can use the first.

    Raises:
        UnreadableFileError: there is no usable header.
    """
    needed = _headers_of_every_file(layout)
    try:
        with _text_of(path) as text:
            lines = _Lines(_without_bom(text))
            reader = csv.reader(lines, delimiter=layout.delimiter)
            header, before = next(reader, []), 0
            while layout.preamble and not needed <= {name.strip() for name in header}:
                before = lines.number
                try:
                    header = next(reader)
                except StopIteration:
                    wanted = ", ".join(sorted(needed))
                    raise UnreadableFileError(
                        f"no line of it is the header; it should have the columns {wanted}"
                    ) from None
    except (OSError, csv.Error) as error:
        raise UnreadableFileError(f"its first line cannot be read: {_first_line(error)}") from error
    return CsvHeader(_usable([name.strip() for name in header], layout, f"line {before + 1}"), before)


def _usable(header: list[str], layout: Layout, where: str) -> list[str]:
    if not any(header):
        raise UnreadableFileError(f"{where} is blank where the header should be; export it again")
    if "\x00" in "".join(header):
        raise UnreadableFileError(f"{where} holds zero bytes: this is not UTF-8 text; export it as UTF-8")
    if any(_readable(name) != name for name in header):
        raise UnreadableFileError(f"{where} is not {layout.encoding} text; export it as UTF-8, or say its encoding")
    if "" in header:
        raise UnreadableFileError(
            f"{where} has no name for column {header.index('') + 1}; name it, or export the file without it"
        )
    folded = [name.lower() for name in header]
    used = {name.lower() for names in layout.headers.values() for name in names}
    repeated = sorted({name for name in header if folded.count(name.lower()) > 1 and name.lower() in used})
    if repeated:
        raise UnreadableFileError(f"{where} names the column {', '.join(repeated)} more than once")
    return [
        name if folded[:position].count(name.lower()) == 0 else f"{name} {folded[: position + 1].count(name.lower())}"
        for position, name in enumerate(header)
    ]


def direct_csv(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    """The plain CSV at `path` as a relation that reads it while it is selected from, without row numbers.

    Its rejects are in ``csv_rejects`` only after that. Where it has another number of rows than `rows`, the text was
    not that plain.

    Raises:
        UnreadableFileError: there is no usable header.
    """
    header = csv_header(path, layout)
    is_plain, lines = _plainness(path)
    rows = None if lines is None else lines - header.lines_before - 1
    return Reading(_csv_relation(connection, path, layout, header), header.names, is_plain=is_plain, rows=rows)


def _plainness(path: Path) -> tuple[bool, int | None]:
    """Whether the text has nothing but ASCII, no tabs, and carriage returns at the ends of lines only, if at all.

    And how many lines it has, where a quote might hide the end of one; elsewhere they need not be counted.
    """
    lines, returns, returns_at_ends, last = 0, 0, 0, b""
    is_counted = False
    with path.open("rb") as stream:
        while chunk := stream.read(_BYTES_AT_ONCE):
            if not chunk.isascii() or b"\t" in chunk:
                return False, None
            if not is_counted and (b'"' in chunk or b"\r" in chunk):
                is_counted = True
                stream.seek(0)
                continue
            if is_counted:
                lines += chunk.count(b"\n")
                if last == b"\r" or b"\r" in chunk:
                    returns += chunk.count(b"\r")
                    returns_at_ends += (last + chunk).count(b"\r\n")
                last = chunk[-1:]
    lines += is_counted and last != b"\n"
    return returns == returns_at_ends and returns in (0, lines), lines if is_counted else None


def _read_csv(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    header = csv_header(path, layout)
    relation = _csv_relation(connection, path, layout, header)
    connection.execute(f"create temp table incoming_text as select row_number() over () as _row, * from {relation}")
    rejected = connection.execute(
        "select line_byte_position - 1, any_value(error_message) from csv_rejects group by all order by 1"
    ).fetchall()
    bad_lines = list(_rejected_lines(path, layout.delimiter, rejected)) if rejected else []
    return Reading("incoming_text", header.names, bad_lines=bad_lines)


def _csv_relation(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, header: CsvHeader) -> str:
    """SQL that reads the plain CSV at `path`, a column of text per header; rejects go to ``csv_rejects``.

    Select all of its columns: on some broken files DuckDB 1.5 fails beyond repair where it reads only some of them, or
    reads them as other types.
    """
    for table in ("csv_scans", "csv_rejects"):
        connection.execute(f"drop table if exists {table}")
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header.names)
    return f"""
        read_csv(
            {literal(str(path))}, columns = {{{columns}}}, header = true, auto_detect = false,
            skip = {header.lines_before}, delim = {literal(layout.delimiter)}, quote = '"', escape = '"',
            strict_mode = true, store_rejects = true, rejects_scan = 'csv_scans', rejects_table = 'csv_rejects',
            rejects_limit = 0
        )
    """


def _rejected_lines(path: Path, delimiter: str, rejected: Iterable[tuple[int, str]]) -> Iterator[BadLine]:
    """What DuckDB rejected, by the byte at which it begins: its own line numbers count a row of many lines once.

    A quote that is never closed takes the rest of the file with it; then every line of the rest is a bad one.
    """
    waiting = iter(rejected)
    byte, message = next(waiting)
    with _text_of(path) as text:
        lines, begins = _Lines(text), 0
        for line in lines:
            ends = begins + len(line.encode("utf-8", "surrogateescape"))
            # where lines end with two bytes, a rejected line begins with the second one of the line before
            if byte >= ends or (byte == ends - 1 and line.endswith("\n")):
                begins = ends
                continue
            first, reason = lines.number, f"the line is no row of this file: {message.splitlines()[0]}"
            lines.taken = [line]
            try:
                next(csv.reader(lines.again(line), delimiter=delimiter, strict=True))
                is_open = False
            except csv.Error as error:
                is_open = "unexpected end of data" in str(error)
            if is_open:
                for number, taken in enumerate(lines.taken, start=first):
                    if taken.strip():
                        yield BadLine(number, reason, _readable(taken))
                return
            raw_text = "".join(lines.taken)
            yield BadLine(first, reason, _readable(raw_text), len(lines.taken))
            begins += len(raw_text.encode("utf-8", "surrogateescape"))
            following = next((reject for reject in waiting if reject[0] >= begins - 1), None)
            if following is None:
                return
            byte, message = following


def _read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    connection.execute("create or replace temp table incoming_json (_line bigint, line text)")
    bad_lines = []
    with path.open("rb") as stream:
        numbered = enumerate(stream, start=1)
        while batch := list(islice(numbered, _LINES_AT_ONCE)):
            numbers, lines = [], []
            for number, raw in batch:
                try:
                    line = raw.removeprefix(_BOM).decode().strip()
                except UnicodeDecodeError as error:
                    reason = f"the line is not UTF-8 text: {error.reason} at byte {error.start + 1}"
                    bad_lines.append(BadLine(number, reason, raw.decode("utf-8", "replace").strip()))
                    continue
                if line:
                    numbers.append(number)
                    lines.append(line)
            connection.register("incoming_batch", pa.table({"_line": numbers, "line": pa.array(lines, pa.string())}))
            connection.execute("insert into incoming_json select * from incoming_batch")
            connection.unregister("incoming_batch")
    is_broken = "not json_valid(line) or json_type(line) <> 'OBJECT'"
    broken = connection.execute(f"select _line, line from incoming_json where {is_broken} order by _line").fetchall()
    if broken:
        connection.execute(f"delete from incoming_json where {is_broken}")
    headers = [
        name
        for (name,) in connection.execute(
            "select distinct unnest(json_keys(line)) as header from incoming_json order by header"
        ).fetchall()
    ]
    if not headers:
        raise UnreadableFileError("no line of it is a JSON object; is it one object per line?")
    # asked for in one list, a line is parsed once and not once for each
    paths = ", ".join(literal("$." + json_name(name)) for name in headers)
    columns = ", ".join(f"given[{number}] as {quoted(name)}" for number, name in enumerate(headers, start=1))
    connection.execute(
        f"create temp table incoming_text as select _line as _row, {columns} "
        f"from (select _line, json_extract_string(line, [{paths}]) as given from incoming_json)"
    )
    bad_lines += [BadLine(line, "the line is not a JSON object", text) for line, text in broken]
    return Reading("incoming_text", headers, bad_lines=bad_lines)


def json_name(key: str) -> str:
    """`key` as it stands in a path of DuckDB's JSON functions."""
    return json.dumps(key, ensure_ascii=False)


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    connection.execute(
        "create temp table incoming_text as select row_number() over () as _row, * from read_parquet(?)", [str(path)]
    )
    relation = connection.table("incoming_text")
    types = dict(zip(relation.columns[1:], relation.types[1:], strict=True))
    return Reading("incoming_text", list(types), types=types)


def _read_workbook(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    rows_of = _workbook_rows(path, layout)
    needed = _headers_of_every_file(layout)
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
        raise UnreadableFileError(f"no row of it is the header; it should have the columns {', '.join(sorted(needed))}")
    names = _usable(header, layout, f"row {first}")
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


def _workbook_rows(path: Path, layout: Layout) -> Iterator[tuple[int, tuple[object, ...]]]:
    """The rows of the layout's sheet with their number."""
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        if layout.sheet and layout.sheet not in workbook.sheetnames:
            raise UnreadableFileError(f"it has no sheet {layout.sheet!r}; it has {', '.join(workbook.sheetnames)}")
        sheet = workbook[layout.sheet] if layout.sheet else workbook.worksheets[0]
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise UnreadableFileError(f"it is no workbook that can be read: {_first_line(error)}") from error


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


def locate_rows(
    path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
) -> dict[int, tuple[int, str]]:
    """Where rows stand in the file: row number to line and raw text.

    A row of CSV may span lines, and a line that is no row has no number, so the file is read again as far as the last
    row asked for. In JSON lines the row number is the line; in Parquet there are no lines and the row number is given.
    """
    if layout.format == "parquet":
        return {number: (number, "") for number in row_numbers}
    if layout.format == "xlsx":
        return {
            number: (number, layout.delimiter.join(_cell_text(cell) for cell in cells).rstrip(layout.delimiter))
            for number, cells in _workbook_rows(path, layout)
            if number in row_numbers
        }
    wanted, last = set(row_numbers), max(row_numbers, default=0)
    found: dict[int, tuple[int, str]] = {}
    if layout.format == "jsonl":
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                if number in wanted:
                    found[number] = (number, raw.removeprefix(_BOM).decode("utf-8", "replace").strip())
                if number >= last:
                    break
        return found
    skipped = {line for bad in bad_lines for line in range(bad.line, bad.line + bad.lines)}
    with _text_of(path) as text:
        before = csv_header(path, layout).lines_before
        lines = _Lines(_without_bom(text), skipped | set(range(1, before + 1)))
        reader = csv.reader(lines, delimiter=layout.delimiter)
        header = next(reader, [])
        number = 0
        lines.taken = []
        for record in reader:
            first, raw_text = lines.number - len(lines.taken) + 1, "".join(lines.taken)
            lines.taken = []
            # a blank line is no row, except where a row has one column
            if not record and len(header) > 1:
                continue
            number += 1
            if number in wanted:
                found[number] = (first, _readable(raw_text))
            if number >= last:
                break
    return found


class _Lines:
    """Lines of a text with their number, kept until the record they belong to is complete."""

    def __init__(self, text: Iterable[str], skipped: Collection[int] = ()) -> None:
        self._lines = iter(text)
        self._skipped = skipped
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        while self.number in self._skipped:
            line = next(self._lines)
            self.number += 1
        self.taken.append(line)
        return line

    def again(self, line: str) -> Iterator[str]:
        """`line`, which was taken already, and the lines after it."""
        yield line
        yield from self
