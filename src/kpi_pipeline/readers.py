"""Reading one export file as rows of text, whatever its format, and finding a row again in the file.

Values are parsed by DuckDB, in C++ and once. What a person needs to mend a broken file, the line and the raw text of a
bad row, is looked up afterwards, for bad rows only.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, cast

import duckdb
import pyarrow as pa

from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.exports import FileFormat, Layout
from kpi_pipeline.warehouse import literal, quoted

_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"
_LINES_AT_ONCE = 50_000

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
    typed: bool
    """Parquet brings types; the other formats bring text."""
    bad_lines: list[BadLine] = field(default_factory=list)


def open_export(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    """Read `path` into the temporary table ``incoming_text``, a row number and a column per header.

    Raises:
        UnreadableFileError: the file is empty, is not in the format that its layout names, or its header is unusable.
    """
    _check_content(path, layout.format)
    connection.execute("drop table if exists incoming_text")
    try:
        match layout.format:
            case "csv":
                return _read_csv(connection, path, layout)
            case "jsonl":
                return _read_jsonl(connection, path)
            case "parquet":
                return _read_parquet(connection, path)
    except (duckdb.Error, OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"it cannot be read as {layout.format}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _check_content(path: Path, file_format: FileFormat) -> None:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise UnreadableFileError("the file is empty, not even a header is in it; export it again")
    actual = {_GZIP: "gzip", _PARQUET[:2]: "Parquet", _ZIP[:2]: "a zip archive or workbook"}.get(head[:2], "text")
    expected = "Parquet" if file_format == "parquet" else "gzip" if path.suffix == ".gz" else "text"
    if actual != expected:
        raise UnreadableFileError(
            f"its name promises {expected}, its content is {actual}; export it again or give it its right name"
        )


@contextlib.contextmanager
def _bytes_of(path: Path) -> Iterator[IO[bytes]]:
    with contextlib.ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(path.open("rb"))
        yield cast(IO[bytes], stack.enter_context(gzip.open(raw))) if path.suffix == ".gz" else raw


@contextlib.contextmanager
def _text_of(path: Path) -> Iterator[IO[str]]:
    """The text, its line ends as they are; bytes that are no UTF-8 come as surrogates and go back as they came."""
    with _bytes_of(path) as stream, io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline="") as text:
        yield text


def _without_bom(text: Iterator[str]) -> Iterator[str]:
    for line in islice(text, 1):
        yield line.removeprefix("\ufeff")
    yield from text


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\r\n")


def _csv_header(path: Path, delimiter: str) -> list[str]:
    try:
        with _text_of(path) as text:
            header = next(csv.reader(_without_bom(text), delimiter=delimiter), [])
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise UnreadableFileError(f"its first line cannot be read: {_first_line(error)}") from error
    header = [name.strip() for name in header]
    if not any(header):
        raise UnreadableFileError("line 1 is blank where the header should be; export it again")
    if "\x00" in "".join(header):
        raise UnreadableFileError("line 1 holds zero bytes: this is not UTF-8 text; export it as UTF-8")
    if any(_readable(name) != name for name in header):
        raise UnreadableFileError("line 1 is not UTF-8 text; export it as UTF-8")
    if "" in header:
        raise UnreadableFileError(
            f"line 1 has no name for column {header.index('') + 1}; name it, or export the file without it"
        )
    folded = [name.lower() for name in header]
    repeated = sorted({name for name in header if folded.count(name.lower()) > 1})
    if repeated:
        raise UnreadableFileError(f"line 1 names the column {', '.join(repeated)} more than once")
    return header


def _read_csv(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
    headers = _csv_header(path, layout.delimiter)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in headers)
    for table in ("csv_scans", "csv_rejects"):
        connection.execute(f"drop table if exists {table}")
    connection.execute(
        f"""
        create temp table incoming_text as
        select row_number() over () as _row, *
        from read_csv(
            ?, columns = {{{columns}}}, header = true, auto_detect = false,
            delim = {literal(layout.delimiter)}, quote = '"', escape = '"', strict_mode = true,
            store_rejects = true, rejects_scan = 'csv_scans', rejects_table = 'csv_rejects', rejects_limit = 0
        )
        """,
        [str(path)],
    )
    rejected = connection.execute(
        "select line_byte_position - 1, any_value(error_message) from csv_rejects group by all order by 1"
    ).fetchall()
    bad_lines = list(_rejected_lines(path, layout.delimiter, rejected)) if rejected else []
    return Reading("incoming_text", headers, typed=False, bad_lines=bad_lines)


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
    with _bytes_of(path) as stream:
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
    broken = connection.execute(
        "select _line, line from incoming_json where not json_valid(line) or json_type(line) <> 'OBJECT' order by _line"
    ).fetchall()
    good = "from incoming_json where json_valid(line) and json_type(line) = 'OBJECT'"
    headers = [
        name
        for (name,) in connection.execute(
            f"select distinct unnest(json_keys(line)) as header {good} order by header"
        ).fetchall()
    ]
    if not headers:
        raise UnreadableFileError("no line of it is a JSON object; is it one object per line?")
    columns = ", ".join(
        f"""json_extract_string(line, {literal("$." + json.dumps(name, ensure_ascii=False))}) as {quoted(name)}"""
        for name in headers
    )
    connection.execute(f"create temp table incoming_text as select _line as _row, {columns} {good}")
    bad_lines += [BadLine(line, "the line is not a JSON object", text) for line, text in broken]
    return Reading("incoming_text", headers, typed=False, bad_lines=bad_lines)


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    connection.execute(
        "create temp table incoming_text as select row_number() over () as _row, * from read_parquet(?)", [str(path)]
    )
    names = [row[0] for row in connection.execute("describe incoming_text").fetchall()]
    return Reading("incoming_text", names[1:], typed=True)


def locate_rows(
    path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
) -> dict[int, tuple[int, str]]:
    """Where rows stand in the file: row number to line and raw text.

    A row of CSV may span lines, and a line that is no row has no number, so the file is read again as far as the last
    row asked for. In JSON lines the row number is the line; in Parquet there are no lines and the row number is given.
    """
    if layout.format == "parquet":
        return {number: (number, "") for number in row_numbers}
    wanted, last = set(row_numbers), max(row_numbers, default=0)
    found: dict[int, tuple[int, str]] = {}
    if layout.format == "jsonl":
        with _bytes_of(path) as stream:
            for number, raw in enumerate(stream, start=1):
                if number in wanted:
                    found[number] = (number, raw.removeprefix(_BOM).decode("utf-8", "replace").strip())
                if number >= last:
                    break
        return found
    skipped = {line for bad in bad_lines for line in range(bad.line, bad.line + bad.lines)}
    with _text_of(path) as text:
        lines = _Lines(_without_bom(text), skipped)
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
