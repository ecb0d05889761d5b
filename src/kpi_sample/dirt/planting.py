"""Planting dirt into files: rows that are added to the good ones, never a good one changed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.warehouse.connection import literal, quoted
from kpi_sample.dirt import DIRT
from kpi_sample.dirt.kinds import Dirt, Planted
from kpi_sample.files import Dressing, Workbook, reading, writing

MOST_OF_A_FILE = 0.04
"""The share of a file's rows that may be quarantined: under the 5 % beyond which ingest refuses the file."""

_HEAD = 2_000
"""Rows at the head of a file among which dirt is planted; the rest of a large file is copied as it is."""


def of_part(name: str, number: int, parts: int) -> list[Dirt]:
    """What is planted into the file with this `number` of the `parts` that are called `name`."""
    dirt = DIRT.get(name, ())
    return [one for place, one in enumerate(dirt) if place * parts // len(dirt) == number]


def finish_text(
    plain: Path, to: Path, file: str, dressing: Dressing, before: Sequence[str], dirt: Sequence[Dirt], share: float
) -> list[Planted]:
    """Write the rows of `plain` as a tool stores them, with `dirt` among them; returns what was planted.

    Args:
        plain: text in UTF-8, a row a line; CSV has its header.
        to: the file to write; how it is packed follows from its name.
        file: what the file is called below the exports folder.
        dressing: how the text is stored.
        before: lines of a title.
        dirt: what to plant.
        share: the smallest share of the rows that an entity reads.
    """
    is_csv = ".json" not in file
    planted: list[Planted] = []
    with reading(plain) as source, writing(to, dressing) as target:
        for line in before:
            target.write(f"{line}\n")
        header = next(source, "") if is_csv else ""
        target.write(header)
        lines_before = len(before) + is_csv
        head = list(islice(source, _HEAD))
        chosen = _within_limit(dirt, len(head), share)
        soiled = _soiled(head, _RowsOfCsv(header, dressing.delimiter) if is_csv else _RowsOfJson(), chosen)
        written = lines_before
        for line, wrong in soiled:
            target.write(line)
            written += 1
            planted += _places(file, written, wrong)
        for line in source:
            target.write(line)
            written += 1
        # it takes everything below it, so that it stands last
        if wrong := next((one for one in chosen if one.line == "open quote"), None):
            target.write(f'"{head[0]}')
            planted += _places(file, written + 1, wrong)
    return planted


def soil_cells(
    file: str, cells: list[list[str | None]], book: Workbook, dirt: Sequence[Dirt]
) -> tuple[list[list[str | None]], list[Planted]]:
    """The rows of a workbook, header first, with `dirt` among them, and what was planted."""
    header, rows = cells[0], cells[1:]
    tab = header.index(book.tab_by) if book.tab_by else None
    lines: Counter[str] = Counter()
    soiled: list[list[str | None]] = [header]
    planted: list[Planted] = []
    for row, wrong in _soiled(rows, _RowsOfCells(header), _within_limit(dirt, len(rows), 1.0)):
        soiled.append(row)
        sheet = "" if tab is None else str(row[tab])
        lines[sheet] += 1
        planted += _places(file, len(book.before) + 1 + lines[sheet], wrong, sheet)
    return soiled, planted


def soil_parquet(
    connection: duckdb.DuckDBPyConnection, plain: Path, to: Path, file: str, dirt: Sequence[Dirt]
) -> list[Planted]:
    """Write the rows of the Parquet file `plain` to `to`, with `dirt` below them; returns what was planted."""
    source = f"read_parquet({literal(str(plain))})"
    counted = connection.execute(f"select count(*) from {source}").fetchone()
    rows = int(counted[0]) if counted else 0
    kinds = {row[0]: row[1] for row in connection.execute(f"describe select * from {source}").fetchall()}
    chosen = _within_limit(dirt, rows, 1.0)
    selects = [f"select * from {source}"]
    for wrong in chosen:
        values = ", ".join(f"cast({sql} as {kinds[header]}) as {quoted(header)}" for header, sql in wrong.set.items())
        selects.append(f"select *{f' replace ({values})' if values else ''} from (select * from {source} limit 1)")
    connection.execute(f"copy ({' union all '.join(selects)}) to {literal(str(to))} (format parquet, compression zstd)")
    return [place for number, wrong in enumerate(chosen, start=rows + 1) for place in _places(file, number, wrong)]


def _places(file: str, line: int, wrong: Dirt | None, sheet: str = "") -> Iterator[Planted]:
    if wrong:
        for entity, (effect, column) in wrong.effects.items():
            yield Planted(file, sheet, line, entity, column, effect, wrong.kind, wrong.value)


def _within_limit(dirt: Iterable[Dirt], rows: int, share: float) -> list[Dirt]:
    """As much of `dirt` as a file of so many `rows` takes without being refused."""
    allowed = int(MOST_OF_A_FILE * share * rows)
    chosen = []
    for one in dirt:
        allowed -= one.is_quarantined
        if allowed >= 0 or not one.is_quarantined:
            chosen.append(one)
    return chosen if rows else []


def _soiled(rows: list[Any], kind: Any, dirt: Sequence[Dirt]) -> Iterator[tuple[Any, Dirt | None]]:
    """The `rows`, in their order, with a wrong one after each that was copied."""
    after: dict[int, list[Dirt]] = {}
    for number, one in enumerate(dirt, start=1):
        if one.line == "open quote":
            continue
        wanted = number * len(rows) // (len(dirt) + 1)
        for place in [*range(wanted, len(rows)), *range(wanted)]:
            if kind.fits(rows[place], one):
                after.setdefault(place, []).append(one)
                break
    for place, row in enumerate(rows):
        yield row, None
        for one in after.get(place, []):
            yield kind.wrong(row, one), one


class _RowsOfCells:
    """Rows of a workbook."""

    def __init__(self, header: list[str | None]) -> None:
        self._header = header

    def fits(self, row: list[str | None], wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], str(row[self._header.index(wrong.of[0])] or "")))

    def wrong(self, row: list[str | None], wrong: Dirt) -> list[str | None]:
        changed = list(row)
        for header, text in wrong.set.items():
            changed[self._header.index(header)] = text
        return changed


class _RowsOfCsv:
    """Lines of CSV."""

    def __init__(self, header: str, delimiter: str) -> None:
        self._delimiter = delimiter
        self._header = self._fields(header)

    def fits(self, line: str, wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], self._fields(line)[self._header.index(wrong.of[0])]))

    def wrong(self, line: str, wrong: Dirt) -> str:
        fields = self._fields(line)
        for header, text in wrong.set.items():
            fields[self._header.index(header)] = text
        match wrong.line:
            case "cut":
                fields = fields[: len(fields) // 2]
            case "long":
                fields.append("?")
            case "no text":
                # é as Windows-1252 has it, in the first field that is text for sure
                fields[0] += "\udce9"
        written = io.StringIO()
        csv.writer(written, delimiter=self._delimiter, lineterminator="\n").writerow(fields)
        return written.getvalue()

    def _fields(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self._delimiter))


class _RowsOfJson:
    """Lines of JSON objects."""

    def fits(self, line: str, wrong: Dirt) -> bool:
        return wrong.of is None or bool(re.search(wrong.of[1], str(json.loads(line)[wrong.of[0]])))

    def wrong(self, line: str, wrong: Dirt) -> str:
        match wrong.line:
            case "cut":
                return f"{line[: len(line) // 2]}\n"
            case "no text":
                return f"{line[:2]}\udce9{line[2:]}"
            case "no object":
                return "[]\n"
        value = json.loads(line)
        for path, text in wrong.set.items():
            *folders, name = path.split(".")
            place = value
            for folder in folders:
                place = place[folder]
            place[name] = text
        return f"{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n"
