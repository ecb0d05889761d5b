"""Rows that a layout says are no rows of its entity: how many, by which of its conditions, and when to tell it."""

from __future__ import annotations

from kpi_pipeline.ingest.columns import base_header
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.ingest.nested import with_nested_values
from kpi_pipeline.ingest.values import tidy
from kpi_pipeline.warehouse.connection import literal, quoted

MOST = 0.5
"""Share of a file's rows above which it is told that they were left out, and why: they may be what was wanted."""

_NOTHING = "^$"
_ANYTHING = (".", ".+", "\\S")
"""Patterns that every value matches which is not empty."""


def is_mostly_left_out(found: FileLoad) -> bool:
    """Whether more than half of a file's rows were left out."""
    return found.rows_left_out > MOST * found.rows_read


def about_left_out(found: FileLoad) -> str:
    """How many of its rows were left out, and why, as a sentence."""
    because = f": {found.left_out_because}" if found.left_out_because else ""
    return f"{found.rows_left_out:,} of {found.rows_read:,} rows left out{because}"


def why_left_out(file: Incoming, reading: Reading) -> str:
    """Which conditions of the layout leave out rows of the `reading`, the one that leaves out most first."""
    layout = file.layout
    conditions = [(header, pattern, True) for header, pattern in (layout.only | layout.gone_unless).items()]
    others = layout.leave_out | layout.totals | layout.gone_when
    conditions += [(header, pattern, False) for header, pattern in others.items()]
    counted, words = [], []
    for header, pattern, is_only in conditions:
        if base_header(header, reading.headers) in reading.headers:
            text = f"coalesce({tidy(f'cast({quoted(header)} as text)')}, '')"
            counted.append(f"count(*) filter ({'not' if is_only else ''} regexp_matches({text}, {literal(pattern)}))")
            words.append(_words(header, pattern, is_only))
    if not counted:
        return ""
    [numbers] = file.connection.execute(
        f"select {', '.join(counted)} from {with_nested_values(layout, reading)}"
    ).fetchall()
    told = sorted(((number, said) for number, said in zip(numbers, words, strict=True) if number), reverse=True)
    return ", ".join(f"{said} ({number:,})" for number, said in told)


def _words(header: str, pattern: str, is_only: bool) -> str:
    if (is_only and pattern in _ANYTHING) or (not is_only and pattern == _NOTHING):
        return f"{header} is empty"
    return f"{header} {'does not match' if is_only else 'matches'} {pattern}"
