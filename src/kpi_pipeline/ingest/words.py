"""Words that are listed: made ours, however they are spelled; those of closed columns told where nobody knows them.

Decided once per word and not per row, after the rows are in ``raw``: a file whose words are ours as they stand costs a
look at the column.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from kpi_pipeline.contracts.export import Column
from kpi_pipeline.contracts.layout import CanonicalLayout
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.values import looked_up
from kpi_pipeline.warehouse.connection import count, literal, quoted

log = logging.getLogger(__name__)

WORDS_TOLD = 5
"""How many unknown words a warning names, the most frequent first: enough to see whose words they are."""

LETTERS_TOLD = 40
"""How much of one it shows: a column that is taken for another may hold whole sentences."""

SHARE_OTHERWISE = 0.05
"""Share of a file's rows above which words that only `otherwise` explains are warned about. A layout has it for the few
that a company adds to a tool's list; where they are more, the list is another one."""


class Settled(NamedTuple):
    """What became of the words of a file."""

    warnings: list[str]
    """About unknown words of closed columns, a sentence per column."""
    otherwise: int
    """Rows with a word that only `otherwise` explains, a row counted once per column."""


def settle_words(file: Incoming, load: int, rows: int) -> Settled:
    """Make the words in the rows of load number `load` ours: those of closed columns, and those that the layout lists.

    One that nobody knows is kept as it is, or becomes what the layout says under `otherwise`.

    Args:
        file: the file that they are from.
        load: its number.
        rows: how many rows it has.
    """
    warnings, fallen = [], 0
    for column in file.entity.columns:
        has_words = column.words or column.name in {*file.layout.values, *file.layout.otherwise}
        if column.data_type == "text" and has_words and _find_words(file, column, load):
            _make_ours(file, column, load)
            if column.name in file.layout.otherwise:
                fallen += count(file.connection, "select coalesce(sum(rows), 0) from words_found where known is null")
            warnings.append(_unknown_words(file, column, rows) if column.words else "")
    return Settled([warning for warning in warnings if warning], fallen)


def _find_words(file: Incoming, column: Column, load: int) -> bool:
    """Bring the words that are not ours as they stand into ``words_found``: whether there are any."""
    of_layout = {theirs: ours for theirs, ours in file.layout.values.get(column.name, {}).items() if theirs}
    of_column = {spelled: word for word, others in column.words.items() for spelled in (word, *others)}
    meanings = of_layout | {spelled: word for spelled, word in of_column.items() if spelled not in of_layout}
    known = looked_up("given", meanings) if meanings else "cast(null as text)"
    name, ours = quoted(column.name), ", ".join(literal(word) for word in {*column.words, *of_layout.values(), ""})
    file.connection.execute(
        f"create or replace temp table words_found as select given, rows, {known} as known "
        f"from (select {name} as given, count(*) as rows from raw.{file.entity.name} "
        f"where _load = {load} and {name} not in ({ours}) group by all)"
    )
    return file.connection.execute("select 1 from words_found limit 1").fetchone() is not None


def _make_ours(file: Incoming, column: Column, load: int) -> None:
    otherwise = file.layout.otherwise.get(column.name)
    meaning = "known" if otherwise is None else f"coalesce(known, {literal(otherwise)})"
    if file.connection.execute(f"select 1 from words_found where {meaning} is not null limit 1").fetchone():
        file.connection.execute(
            f"update raw.{file.entity.name} set {quoted(column.name)} = {meaning} from words_found "
            f"where _load = {load} and {quoted(column.name)} = given and {meaning} is not null"
        )


def _unknown_words(file: Incoming, column: Column, rows: int) -> str:
    """A sentence about the words that nobody knows; empty where there are none, or `otherwise` takes a few."""
    told = file.connection.execute(
        "select given, rows, sum(rows) over (), count(*) over () from words_found where known is null "
        f"order by rows desc, given limit {WORDS_TOLD}"
    ).fetchall()
    if not told:
        return ""
    _, _, of_rows, of_words = told[0]
    shown = [
        f'"{_short(word)}" ({number:,}{"" if place else _rows(number)})'
        for place, (word, number, *_) in enumerate(told)
    ]
    names = ", ".join(shown) + (f" and {of_words - len(told):,} more" if of_words > len(told) else "")
    layout = f"layout {file.layout.name} of {file.entity.name}"
    otherwise = file.layout.otherwise.get(column.name)
    if otherwise is not None:
        sentence = f"{column.name} has words that {layout} does not list and takes for {otherwise}: {names}"
        if of_rows <= SHARE_OTHERWISE * rows:
            log.info("%s: %s", file.name, sentence)
            return ""
        return f"{sentence}; that is {of_rows:,} of {rows:,} rows. Add them to its values"
    where = "write them so" if isinstance(file.layout, CanonicalLayout) else f"add them to the values of {layout}"
    return f"{column.name} has words that nobody knows: {names}; it knows {', '.join(column.words)}: {where}"


def _short(word: str) -> str:
    return word if len(word) <= LETTERS_TOLD else word[: LETTERS_TOLD - 1] + "…"


def _rows(number: int) -> str:
    return " row" if number == 1 else " rows"
