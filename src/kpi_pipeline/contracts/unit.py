"""What a unit is: its words, what stands behind a value, how two values are compared, and what can be true of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from kpi_pipeline.contracts.words import Words

UnitName = Literal[
    "count", "percent", "currency", "seconds", "minutes", "days", "months", "score", "position", "units_per_hour"
]

Range = tuple[float | None, float | None]
"""Smallest and largest value that can be true, None where there is no bound."""


_NOTHING = Words("", "")


@dataclass(frozen=True)
class Unit:
    """One row of the table."""

    words: Words
    range: Range | None
    """What can be true of a value; None where every KPI has a scale of its own and must say it."""
    suffix: Words = _NOTHING
    """What stands behind a value; behind money, the currency's code."""
    is_compared_by_difference: bool = False
    """There is no zero to count from: an NPS that goes from 5 to 10 has not doubled, it has gained five points."""


UNITS: Mapping[str, Unit] = {
    "count": Unit(Words("count", "تعداد"), (0, None)),
    "percent": Unit(Words("percent", "درصد"), (0, 1), Words("%", "٪"), is_compared_by_difference=True),
    "currency": Unit(Words("money", "پول"), (None, None)),
    "seconds": Unit(Words("seconds", "ثانیه"), (0, None), Words("s", "ثانیه")),
    "minutes": Unit(Words("minutes", "دقیقه"), (0, None), Words("min", "دقیقه")),
    "days": Unit(Words("days", "روز"), (0, None), Words("days", "روز")),
    "months": Unit(Words("months", "ماه"), (None, None), Words("months", "ماه")),
    "score": Unit(Words("score", "امتیاز"), None, is_compared_by_difference=True),
    "position": Unit(Words("position", "جایگاه"), (1, None), is_compared_by_difference=True),
    "units_per_hour": Unit(Words("units per hour", "واحد در ساعت"), (0, None), Words("per hour", "در ساعت")),
}
assert tuple(UNITS) == get_args(UnitName)

COMPARED_BY_DIFFERENCE = frozenset(name for name, unit in UNITS.items() if unit.is_compared_by_difference)
