"""Hold the second opinion against what the pipeline would publish."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import duckdb

from oracle.periods import GRAINS
from oracle.registry import Number, Value

Values = Mapping[tuple[str, str], Value]
"""By grain and first day of the period."""

NOTHING = Value(0, 0, None)


def published(warehouse: Path, kpi: str) -> dict[tuple[str, str], Value]:
    """The totals of a KPI that the pipeline has computed."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"""
            select period_grain, cast(period_start as varchar), numerator, denominator, kpi_value
            from candidate.{kpi}
            where dimension = 'all' and list_contains($grains, period_grain)
            """,
            {"grains": list(GRAINS)},
        ).fetchall()
    return {(grain, start): Value(*parts) for grain, start, *parts in rows}


def differences(kpi: str, expected: Values, found: Values) -> list[str]:
    """One sentence per period in which the two disagree, in numerator, denominator or value."""
    sentences = []
    for grain, start in sorted(expected.keys() | found.keys()):
        here, there = expected.get((grain, start), NOTHING), found.get((grain, start), NOTHING)
        if not agree(here, there):
            sentences.append(f"{kpi}, {grain} {start}: the oracle says {shown(here)}, the pipeline {shown(there)}")
    return sentences


def agree(here: Value, there: Value) -> bool:
    """Nothing counted is 0, but a value that cannot be said is not 0."""
    if here.denominator is None or there.denominator is None:
        is_same_value = close(here.numerator, there.numerator)
    else:
        is_same_value = (here.kpi_value is None) == (there.kpi_value is None) and close(here.kpi_value, there.kpi_value)
    return is_same_value and close(here.numerator, there.numerator) and close(here.denominator, there.denominator)


def close(here: Number, there: Number) -> bool:
    """Equal to 1e-9, relative; sums of money that cancel out, to 1e-7 of the currency."""
    return math.isclose(here or 0, there or 0, rel_tol=1e-9, abs_tol=1e-7)


def shown(value: Value) -> str:
    """Numerator / denominator = value."""
    if value.denominator is None:
        return f"{value.numerator}"
    return f"{value.numerator} / {value.denominator} = {value.kpi_value}"
