"""Reading one export file as rows of text, whatever its format, and finding a row again in the file.

Every reader is a DuckDB table function, so that a file is parsed in C++ and once. What a person needs to mend a broken
file, the line and the raw text of a bad row, is looked up afterwards, for bad rows only.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.exports import FileFormat, Layout
from kpi_pipeline.warehouse import literal, quoted

_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True)
class BadLine:
    """A line that is no row at all: it has too many fields, an open quote, or bytes that are not text."""

    line: int
    reason: str
    raw_text: str


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
    except duckdb.Error as error:
        raise UnreadableFileError(f"it cannot be read as {layout.format}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


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
def _text_of(path: Path) -> Iterator[IO[str]]:
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        stream = stack.enter_context(gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
        yield stack.enter_context(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline=""))


def _csv_header(path: Path, delimiter: str) -> list[str]:
    try:
        with _text_of(path) as text:
            header = next(csv.reader(text, delimiter=delimiter), [])
    except (OSError, EOFError, csv.Error) as error:
        raise UnreadableFileError(f"its first line cannot be read: {error}") from error
    header = [name.strip() for name in header]
    if not any(header):
        raise UnreadableFileError("line 1 is blank where the header should be; export it again")
    if "\x00" in "".join(header):
        raise UnreadableFileError("line 1 holds zero bytes: this is not UTF-8 text; export it as UTF-8")
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
        "select line, any_value(error_message), any_value(csv_line) from csv_rejects group by line order by line"
    ).fetchall()
    bad_lines = [
        BadLine(int(line), f"the line is no row of this file: {message.splitlines()[0]}", raw or "")
        for line, message, raw in rejected
    ]
    return Reading("incoming_text", headers, typed=False, bad_lines=bad_lines)


def _read_jsonl(connection: duckdb.DuckDBPyConnection, path: Path) -> Reading:
    connection.execute(
        """
        create or replace temp table incoming_json as
        select row_number() over () as _line, line
        from read_csv(?, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,
                      delim = '\x01', quote = '', escape = '', max_line_size = 16000000, null_padding = true)
        """,
        [str(path)],
    )
    connection.execute("delete from incoming_json where line is null or trim(line, e' \\t\\r') = ''")
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
    bad_lines = [BadLine(line, "the line is not a JSON object", text) for line, text in broken]
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
    with _text_of(path) as text:
        if layout.format == "jsonl":
            for line_number, text_line in enumerate(text, start=1):
                if line_number in wanted:
                    found[line_number] = (line_number, text_line.rstrip("\r\n"))
                if line_number >= last:
                    break
            return found
        skipped = {bad.line for bad in bad_lines}
        recorder = _Recorder(text)
        reader = csv.reader(recorder, delimiter=layout.delimiter)
        next(reader, None)
        number, first_line = 0, reader.line_num + 1
        recorder.taken.clear()
        for record in reader:
            raw, line = "".join(recorder.taken), first_line
            recorder.taken.clear()
            first_line = reader.line_num + 1
            if not record or line in skipped:
                continue
            number += 1
            if number in wanted:
                found[number] = (line, raw.rstrip("\r\n"))
            if number >= last:
                break
    return found


class _Recorder:
    """Lines of a stream, kept until the record they belong to is complete."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken.append(line)
            yield line
