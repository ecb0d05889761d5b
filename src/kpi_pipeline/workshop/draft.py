"""The draft of a layout for a tool that nobody knows: YAML with every guess marked as one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.ingest.look import Look
from kpi_pipeline.workshop.guessing import Written, fits_kind, guessed_columns, written

FILL_IN = "FILL_IN"
"""Stands where only a person can know: a layout with it reads no file."""

WORDS_SHOWN = 12

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_NUMBERS = re.compile(r"[0-9]{2,}(?:[-_. ]?[0-9]{1,})*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")
_YAML_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Draft:
    """A layout as far as it can be guessed."""

    text: str
    """The YAML."""
    open: tuple[str, ...]
    """The columns that a person must fill in."""


def drafted(
    name: str,
    look: Look,
    entity: Entity,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Mapping[str, str],
) -> Draft:
    """A layout of `entity` for the file called `name` (as below the exports folder) with these `headers` and `rows`."""
    columns = guessed_columns(entity, headers, words)
    how = {
        header: written(row[position] for row in rows if position < len(row)) for position, header in enumerate(headers)
    }
    columns = {column: header for column, header in columns.items() if fits_kind(entity.column(column), how[header])}
    required = [column for column in entity.columns if column.required]
    unfilled = tuple(column.name for column in required if column.name not in columns)
    unused = [header for header in headers if header and header not in columns.values()]
    lines = [
        "layouts:",
        f"  - name: {_slug(name)}",
        f"    entity: {entity.name}",
        f"    files: {_scalar(_pattern(name, entity))}  # guess: * for anything, the date is the day of the export",
        f"    format: {look.format}",
        *_of_the_file(look, how),
        "    columns:",
    ]
    for column in entity.columns:
        if column.name in columns:
            lines.append(f"      {column.name}: {_scalar(columns[column.name])}  # guess: by its name")
        elif column.required:
            lines.append(
                f"      {column.name}: {FILL_IN}  # needed: {_meaning(column)}{_candidates(column, unused, how)}"
            )
    lines += [
        f"      # {column.name}:  # {_meaning(column)}{_candidates(column, unused, how)}"
        for column in entity.columns
        if column.name not in columns and not column.required
    ]
    lines += _formats(columns, how)
    lines += _values(entity, columns, headers, rows)
    if unused:
        lines += ["    # headers that nothing reads yet:"]
        lines += [f"    #   {header} ({_look_of(how[header])})" for header in unused]
    return Draft("\n".join(lines) + "\n", unfilled)


def _of_the_file(look: Look, how: Mapping[str, Written]) -> list[str]:
    lines = [f"    encoding: {look.encoding}  # guess: by its bytes"] if look.encoding != "utf-8" else []
    if any(each.has_decimal_comma for each in how.values()):
        lines.append('    decimal_mark: ","  # guess: amounts such as 1.234,56')
    currencies = sorted({each.currency for each in how.values() if each.currency})
    if currencies:
        lines.append(f"    # its amounts are marked as {', '.join(currencies)}; they are taken as KPI_CURRENCY")
    if "IRT" in currencies:
        lines.append("    # scale: {amount: 10}  # toman to rial, for each column in toman")
    if any(each.kind == "moment" for each in how.values()):
        lines.append(
            "    # timezone: Europe/Berlin  # of its times without an offset; KPI_TIMEZONE where it is not said"
        )
    return lines


def _formats(columns: Mapping[str, str], how: Mapping[str, Written]) -> list[str]:
    lines = []
    for column, header in columns.items():
        if formats := how[header].formats:
            others = [each for each in formats[1:] if _swapped(each) == formats[0] or each == _swapped(formats[0])]
            doubt = f"; {others[0]} reads them too: which is it?" if others else ""
            lines.append(f"      {column}: {_scalar(formats[0])}  # guess: reads every value looked at{doubt}")
    return ["    formats:", *lines] if lines else []


def _values(
    entity: Entity, columns: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[str]:
    """The words of closed columns that nobody knows, for a person to say what they mean."""
    lines = []
    for column in entity.columns:
        if not column.words or column.name not in columns:
            continue
        known = {fold(spelled) for word, others in column.words.items() for spelled in (word, *others)}
        position = list(headers).index(columns[column.name])
        theirs = dict.fromkeys(row[position].strip() for row in rows if position < len(row) and row[position].strip())
        unknown = [word for word in theirs if fold(word) not in known][:WORDS_SHOWN]
        if unknown:
            lines.append(f"    #   {column.name}:  # each is one of {', '.join(column.words)}")
            lines += [f"    #     {_scalar(word)}: {FILL_IN}" for word in unknown]
    return ["    # values:  # words that nobody knows yet", *lines] if lines else []


def _candidates(column: Column, unused: Sequence[str], how: Mapping[str, Written]) -> str:
    """The headers whose values could stand in a column with a type of its own."""
    if column.data_type == "text" or column.data_type == "boolean":
        return ""
    found = [header for header in unused if how[header].kind != "nothing" and fits_kind(column, how[header])]
    return f"; it may be {' or '.join(found[:3])}" if found else ""


def _look_of(how: Written) -> str:
    if how.formats:
        return f"a {how.kind}, {how.formats[0]}"
    return {"nothing": "empty", "word": "a word", "number": "a number"}.get(how.kind, f"a {how.kind}")


def _meaning(column: Column) -> str:
    return " ".join(column.meaning.split()).rstrip(".") or column.data_type


def _swapped(written_as: str) -> str:
    return written_as.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")


def _slug(name: str) -> str:
    stem = PurePosixPath(name).name.partition(".")[0]
    return re.sub(r"[^a-z0-9]+", "_", _DAY.sub("", stem).lower()).strip("_") or "our_tool"


def _pattern(name: str, entity: Entity) -> str:
    folder, _, base = name.rpartition("/")
    stem = re.sub(r" ?\([0-9]+\)$", "", base.partition(".")[0])
    dated = _DAY.sub("{date:%Y-%m-%d}", stem, count=1)
    if dated == stem:
        dated = _NUMBERS.sub("*", stem)
    return f"{folder or entity.system}/{dated}"


def _scalar(text: str) -> str:
    """`text` as YAML writes it."""
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _YAML_WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)
