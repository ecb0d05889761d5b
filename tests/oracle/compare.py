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


def nothing_like(other: Value) -> Value:
    """What a period without rows comes to."""
    return Value(0, None, 0) if other.denominator is None else Value(0, 0, None)


def published(warehouse: Path, kpi: str, dimension: str = "all", member: str = "all") -> dict[tuple[str, str], Value]:
    """What the pipeline has computed of a KPI: its totals, or a member of a dimension."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            """
            select period_grain, cast(period_start as varchar), numerator, denominator, kpi_value
            from candidate.kpi_values
            where kpi = $kpi and dimension = $dimension and member = $member and list_contains($grains, period_grain)
            """,
            {"kpi": kpi, "dimension": dimension, "member": member, "grains": list(GRAINS)},
        ).fetchall()
    return {(grain, start): Value(*parts) for grain, start, *parts in rows}


def largest_members(warehouse: Path, kpi: str, dimension: str, count: int) -> list[str]:
    """The members of a dimension that weigh most in all months; `other` and `none` are not of the data."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            """
            select member
            from candidate.kpi_values
            where kpi = $kpi and dimension = $dimension and period_grain = 'month' and member not in ('other', 'none')
            group by member
            order by sum(coalesce(denominator, numerator)) desc, member
            limit $count
            """,
            {"kpi": kpi, "dimension": dimension, "count": count},
        ).fetchall()
    return [member for (member,) in rows]


def differences(kpi: str, expected: Values, found: Values) -> list[str]:
    """One sentence per period in which the two disagree, in numerator, denominator or value."""
    sentences = []
    for grain, start in sorted(expected.keys() | found.keys()):
        here = expected.get((grain, start)) or nothing_like(found[grain, start])
        there = found.get((grain, start)) or nothing_like(here)
        if not agree(here, there):
            sentences.append(f"{kpi}, {grain} {start}: the oracle says {shown(here)}, the pipeline {shown(there)}")
    return sentences


def agree(here: Value, there: Value) -> bool:
    """Whether the parts and the value are the same; where a part is unknown, whether there is no value."""
    if here.is_unknown:
        return there.kpi_value is None
    return all(close(*numbers) for numbers in zip(here[:3], there[:3], strict=True))


def close(here: Number, there: Number) -> bool:
    """Equal to 1e-9, relative; sums of money that cancel out, to 1e-7 of the currency."""
    if here is None or there is None:
        return here is there
    return math.isclose(here, there, rel_tol=1e-9, abs_tol=1e-7)


def shown(value: Value) -> str:
    """Numerator / denominator = value."""
    if value.denominator is None:
        return f"{value.numerator}"
    return f"{value.numerator} / {value.denominator} = {value.kpi_value}"
