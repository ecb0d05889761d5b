"""The definitions, and what they come to for every month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from oracle.books import Books
from oracle.periods import GRAINS, Period, month_index, periods

Number = float | None
"""None where it cannot be said."""


Compute = Callable[[Books, Period], "Number | tuple[Number, Number]"]


@dataclass(frozen=True)
class Definition:
    """A KPI's definition, and the column whose first day is its first."""

    kpi: str
    since: str
    compute: Compute


DEFINITIONS: dict[str, Definition] = {}


def kpi(since: str) -> Callable[[Compute], Compute]:
    """Register a function as the definition of the KPI it is named after; `since` is an `entity.column`."""

    def register(compute: Compute) -> Compute:
        assert compute.__name__ not in DEFINITIONS
        DEFINITIONS[compute.__name__] = Definition(compute.__name__, since, compute)
        return compute

    return register


class Value(NamedTuple):
    """Numerator, denominator (None where a KPI has none) and value of a KPI in a period."""

    numerator: Number
    denominator: Number
    kpi_value: Number
    is_unknown: bool = False
    """Whether a part cannot be said, and so there is no value, whatever stands in the other part."""


def value(found: Number | tuple[Number, Number]) -> Value:
    """Divide the parts; nothing is divided by 0."""
    if not isinstance(found, tuple):
        return Value(found, None, found, found is None)
    return Value(*found, divided(*found), None in found)


def values(books: Books, name: str) -> dict[tuple[str, str], Value]:
    """The KPI's total of every month, by grain and first day."""
    definition = DEFINITIONS[name]
    first = books.frame(definition.since).min()
    return {
        (grain, str(period.start.date())): value(definition.compute(books, period))
        for grain in GRAINS
        for period in periods(grain, first.date(), books.as_of)
    }


def value_in(books: Books, name: str, grain: str, start: str) -> Value:
    """The KPI's total of one period."""
    index = month_index(grain, dt.date.fromisoformat(start))
    return value(DEFINITIONS[name].compute(books, Period.number(grain, index, books.as_of)))


def divided(numerator: Number, denominator: Number) -> Number:
    """A ratio, None where it has no meaning."""
    return numerator / denominator if numerator is not None and denominator else None


def product(*factors: Number) -> Number:
    """A product, None where a factor is."""
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result
