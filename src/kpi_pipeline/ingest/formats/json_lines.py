"""JSON: an object a line, or one document with a list of objects, whose values are looked up by their keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.formats.header import as_asked_for, told_apart
from kpi_pipeline.ingest.formats.reading import BadLine, Format, Place, Reading
from kpi_pipeline.ingest.formats.unpacking import BOM
from kpi_pipeline.ingest.values import json_name
from kpi_pipeline.warehouse.connection import literal, quoted

_SIGN = re.compile(r"\s*([\[\]{}:,])\s*")
_LINES_AT_ONCE = 50_000


class JsonLines(Format):
    """The number of a row is that of its line."""

    def as_lines(self, path: Path, layout: Layout, name: str, new_folder: Callable[[], Path]) -> Path:
        """The objects of a JSON document, one a line: a bad one is told by its number.

        Raises:
            UnreadableFileError: the document is not whole, or has no such list.
        """
        if ".json" not in Path(name.lower()).suffixes or not _is_document(path, layout):
            return path
        lines = new_folder() / "objects.jsonl"
        try:
            with path.open("rb") as stream:
                text = stream.read().decode("utf-8-sig")
            with lines.open("w", encoding="utf-8") as written:
                for value in _values_of_list(text, layout.records):
                    # a line end in a value is a blank: within a string it would be written as \n
                    written.write(value.replace("\r", " ").replace("\n", " ") + "\n")
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise UnreadableFileError(
                f"it is no whole JSON document: {error.msg} at {where}; export it again"
            ) from error
        except RecursionError as error:
            raise UnreadableFileError("its JSON is nested deeper than any export") from error
        return lines

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """A header per key that any of the objects has."""
        bad_lines = _read_lines(connection, path)
        is_broken = "not json_valid(line) or json_type(line) <> 'OBJECT'"
        broken = connection.execute(
            f"select _line, line from incoming_json where {is_broken} order by _line"
        ).fetchall()
        if broken:
            connection.execute(f"delete from incoming_json where {is_broken}")
        keys = [
            name
            for (name,) in connection.execute(
                "select distinct unnest(json_keys(line)) as header from incoming_json order by header"
            ).fetchall()
        ]
        if not keys:
            raise UnreadableFileError("no line of it is a JSON object; is it one object per line?")
        # asked for in one list, a line is parsed once and not once for each
        paths = ", ".join(literal("$." + json_name(name)) for name in keys)
        headers = told_apart(keys, as_asked_for(keys, layout), layout, "it").names
        columns = ", ".join(f"given[{number}] as {quoted(name)}" for number, name in enumerate(headers, start=1))
        connection.execute(
            f"create temp table incoming_text as select _line as _row, {columns} "
            f"from (select _line, json_extract_string(line, [{paths}]) as given from incoming_json)"
        )
        bad_lines += [BadLine(line, "the line is not a JSON object", text) for line, text in broken]
        return Reading("incoming_text", headers, bad_lines=bad_lines, is_sparse=True)

    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """The lines of these numbers."""
        wanted, last = set(row_numbers), max(row_numbers, default=0)
        with path.open("rb") as stream:
            return {
                number: Place(number, raw.removeprefix(BOM).decode("utf-8", "replace").strip())
                for number, raw in enumerate(islice(stream, last), start=1)
                if number in wanted
            }


def _read_lines(connection: duckdb.DuckDBPyConnection, path: Path) -> list[BadLine]:
    """Bring the lines into the temporary table ``incoming_json``; returns those that are no text."""
    connection.execute("create or replace temp table incoming_json (_line bigint, line text)")
    bad_lines = []
    with path.open("rb") as stream:
        numbered = enumerate(stream, start=1)
        while batch := list(islice(numbered, _LINES_AT_ONCE)):
            numbers, lines = [], []
            for number, raw in batch:
                try:
                    line = raw.removeprefix(BOM).decode().strip()
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
    return bad_lines


def _is_document(path: Path, layout: Layout) -> bool:
    """Whether the JSON is one list, or one object around the list that the layout names, and not an object a line."""
    with path.open("rb") as stream:
        lines = (text for line in stream if (text := line.removeprefix(BOM).strip()))
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
    found = _SIGN.match(text, at)
    assert found is not None
    return found[1], found.end()
