"""CSV: read by DuckDB, in C++ and once; its rows found again, for those who must mend them, by Python.

A quoted field may go on over several lines, and a line may be no row at all: rows and lines are two things here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.columns import headers_asked_for
from kpi_pipeline.ingest.currencies import with_named_currencies
from kpi_pipeline.ingest.formats.header import (
    LINES_OF_A_TITLE,
    FoundHeader,
    Headers,
    header_among,
    no_header,
    readable,
    usable_headers,
)
from kpi_pipeline.ingest.formats.reading import BadLine, Format, Place, Reading
from kpi_pipeline.ingest.formats.unpacking import BYTES_AT_ONCE
from kpi_pipeline.warehouse.connection import literal

# Python's own limit of 128 KB would hide what DuckDB, whose limit is 2 MB a line, has read.
csv.field_size_limit(16_000_000)

_DELIMITERS = (",", ";", "\t", "|")
_SAYS_DELIMITER = re.compile(r'"?sep=(.)"?')
"""The line with which Excel says what the delimiter is."""


class CsvText(Format):
    """The number of a row counts the rows below the header."""

    def stream(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading | None:
        """Without row numbers, which would keep DuckDB from reading with several threads."""
        header = _header_of(path, layout)
        is_plain, lines = _plainness(path)
        rows = None if lines is None else lines - header.lines_before - 1
        _forget_rejects(connection)
        return Reading(
            _relation(path, header), header.names, row_number="cast(null as bigint)", is_plain=is_plain,
            rows=rows, rejects="csv_rejects", repeated=header.columns.repeated,
        )  # fmt: skip

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """A text per value, and what is no row as bad lines."""
        header = _header_of(path, layout)
        _forget_rejects(connection)
        connection.execute(
            f"create temp table incoming_text as select row_number() over () as _row, * from {_relation(path, header)}"
        )
        rejected = connection.execute(
            "select line_byte_position - 1, any_value(error_message) from csv_rejects group by all order by 1"
        ).fetchall()
        bad_lines = list(_rejected_lines(path, header, rejected)) if rejected else []
        return Reading(
            "incoming_text", header.names, bad_lines=bad_lines, repeated=header.columns.repeated,
            given=header.columns.given,
        )  # fmt: skip

    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """Read again, up to the last row asked for: a row may span lines, and a line that is no row has no number."""
        wanted, last = set(row_numbers), max(row_numbers, default=0)
        found: dict[int, Place] = {}
        skipped = {line for bad in bad_lines for line in range(bad.line, bad.line + bad.lines)}
        header = _header_of(path, layout)
        with _text_of(path) as text:
            lines = _Lines(_without_bom(text), skipped | set(range(1, header.lines_before + 1)))
            reader = csv.reader(lines, delimiter=header.delimiter)
            next(reader, None)
            number = 0
            lines.taken = []
            for record in reader:
                first, raw_text = lines.number - len(lines.taken) + 1, "".join(lines.taken)
                lines.taken = []
                # a blank line is no row, except where a row has one column
                if not record and len(header.names) > 1:
                    continue
                number += 1
                if number in wanted:
                    found[number] = Place(first, readable(raw_text))
                if number >= last:
                    break
        return found


def _forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what an earlier reading of a CSV rejected."""
    for table in ("csv_scans", "csv_rejects"):
        connection.execute(f"drop table if exists {table}")


@dataclass(frozen=True)
class _Header:
    """The header of a CSV, how many lines stand before it, and what stands between two of its names."""

    columns: Headers
    lines_before: int
    delimiter: str

    @property
    def names(self) -> list[str]:
        """What its columns are called."""
        return self.columns.names


def _header_of(path: Path, layout: Layout) -> _Header:
    """The header of the plain CSV at `path`, which may follow a title, and the delimiter that makes it one.

    Raises:
        UnreadableFileError: there is no usable header.
    """
    try:
        with _text_of(path) as text:
            opening = list(islice(_without_bom(text), LINES_OF_A_TITLE))
        said = _SAYS_DELIMITER.fullmatch(opening[0].strip()) if opening else None
        given = said[1] if said else layout.delimiter
        candidates = [
            (delimiter, _header_under(delimiter, opening, layout, first=1 if said else 0))
            for delimiter in ([given] if given else _DELIMITERS)
        ]
    except (OSError, csv.Error) as error:
        raise UnreadableFileError(f"its first line cannot be read: {first_line(error)}") from error
    asked_for = headers_asked_for(layout)
    delimiter, found = max(
        candidates,
        key=lambda each: (
            each[1].is_complete,
            len(asked_for.intersection(with_named_currencies(each[1].names, layout))),
        ),
    )
    if layout.preamble and not found.is_complete:
        raise no_header("line", layout)
    return _Header(usable_headers(found, layout, f"line {found.place + 1}"), found.place, delimiter)


def _header_under(delimiter: str, opening: list[str], layout: Layout, first: int) -> FoundHeader:
    """The header in the `opening` lines from number `first` on, were this the delimiter."""

    def records() -> Iterator[tuple[int, list[str]]]:
        lines = _Lines(opening[first:])
        before = first
        for record in csv.reader(lines, delimiter=delimiter):
            yield before, record
            before = first + lines.number

    return header_among(records(), layout) or FoundHeader([], [], first, is_complete=False)


def _plainness(path: Path) -> tuple[bool, int | None]:
    """Whether the text has nothing but ASCII, no tabs, and carriage returns at the ends of lines only, if at all.

    And how many lines it has, where a quote might hide the end of one; elsewhere they need not be counted.
    """
    lines, returns, returns_at_ends, last = 0, 0, 0, b""
    is_counted = False
    with path.open("rb") as stream:
        while chunk := stream.read(BYTES_AT_ONCE):
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


def _relation(path: Path, header: _Header) -> str:
    """SQL that reads the plain CSV at `path`, a column of text per header; rejects go to ``csv_rejects``.

    Select all of its columns: on some broken files DuckDB 1.5 fails beyond repair where it reads only some of them, or
    reads them as other types.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header.names)
    return f"""
        read_csv(
            {literal(str(path))}, columns = {{{columns}}}, header = true, auto_detect = false,
            skip = {header.lines_before}, delim = {literal(header.delimiter)}, quote = '"', escape = '"',
            strict_mode = true, store_rejects = true, rejects_scan = 'csv_scans', rejects_table = 'csv_rejects',
            rejects_limit = 0
        )
    """


def _rejected_lines(path: Path, header: _Header, rejected: Iterable[tuple[int, str]]) -> Iterator[BadLine]:
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
            if not line.strip("\r\n") and len(header.names) > 1:
                # DuckDB has a row begin at the blank lines before it, which are no rows
                begins = byte = ends
                continue
            first, reason = lines.number, f"the line is no row of this file: {first_line(message)}"
            lines.taken = [line]
            try:
                cells = next(csv.reader(lines.again(line), delimiter=header.delimiter, strict=True))
                is_open = False
            except csv.Error as error:
                cells = []
                is_open = "unexpected end of data" in str(error)
            if is_open:
                for number, taken in enumerate(lines.taken, start=first):
                    if taken.strip():
                        yield BadLine(number, reason, readable(taken))
                return
            raw_text = "".join(lines.taken)
            short = tuple(cells) if len(cells) < len(header.names) else ()
            yield BadLine(first, reason, readable(raw_text), len(lines.taken), short)
            begins += len(raw_text.encode("utf-8", "surrogateescape"))
            following = next((reject for reject in waiting if reject[0] >= begins - 1), None)
            if following is None:
                return
            byte, message = following


def _text_of(path: Path) -> IO[str]:
    """The text, its line ends as they are; bytes that are no UTF-8 come as surrogates and go back as they came."""
    return path.open(encoding="utf-8", errors="surrogateescape", newline="")


def _without_bom(text: Iterator[str]) -> Iterator[str]:
    for line in islice(text, 1):
        yield line.removeprefix("\ufeff")
    yield from text


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
