"""Months, Gregorian and Jalali, cut at as_of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
"""Of the Jalali year divided by 33: the leap years 1343 to 1472, the years 1964 to 2093.

The years that the observed equinox has made leap in living memory follow it: 1370, 1375, 1379, ..., 1403, 1408.
https://en.wikipedia.org/wiki/Solar_Hijri_calendar#Leap_years
"""

ANCHOR = 1403, dt.date(2024, 3, 20)
"""A Nowruz to count from."""


def nowruz(jalali_year: int) -> dt.date:
    """The Gregorian date of 1 Farvardin."""
    year, day = ANCHOR
    while year < jalali_year:
        day += dt.timedelta(days=366 if year % 33 in LEAP_REMAINDERS else 365)
        year += 1
    while year > jalali_year:
        year -= 1
        day -= dt.timedelta(days=366 if year % 33 in LEAP_REMAINDERS else 365)
    return day


def jalali_month_start(index: int) -> dt.date:
    """First day of a Jalali month; `index` is 12 times the year plus the month from 0. Six months have 31 days."""
    year, month = divmod(index, 12)
    return nowruz(year) + dt.timedelta(days=31 * min(month, 6) + 30 * max(month - 6, 0))


def month_start(index: int) -> dt.date:
    """First day of a Gregorian month; `index` is 12 times the year plus the month from 0."""
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, 1)


GRAINS: dict[str, Callable[[int], dt.date]] = {"month": month_start, "jalali_month": jalali_month_start}
YEAR_ZERO = {"month": 0, "jalali_month": 621}


def month_index(grain: str, day: dt.date) -> int:
    """The number of the month that `day` is in."""
    index = 12 * (day.year - YEAR_ZERO[grain]) + 12
    while GRAINS[grain](index) > day:
        index -= 1
    return index


def earlier(days: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Each of these days, but `day` where it is later."""
    return days.where(days <= day, day)


def later(days: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Each of these days, but `day` where it is earlier."""
    return days.where(days >= day, day)


@dataclass(frozen=True)
class Span:
    """The days from `start` to `end`, both included."""

    start: pd.Timestamp
    end: pd.Timestamp

    def of(self, frame: pd.DataFrame, column: str) -> pd.DataFrame:
        """The rows whose day in `column` is one of these days."""
        day = frame[column]
        return frame[(day >= self.start) & (day <= self.end)]

    @property
    def before(self) -> pd.Timestamp:
        """The day before the first."""
        return self.start - pd.Timedelta(days=1)

    @property
    def days(self) -> int:
        """How many."""
        return (self.end - self.start).days + 1

    @property
    def as_long_before(self) -> Span:
        """As many days, right before these."""
        return Span(self.start - pd.Timedelta(days=self.days), self.before)


@dataclass(frozen=True)
class Period(Span):
    """A month of a calendar; while it is running, `end` is as_of."""

    grain: str
    index: int
    last: pd.Timestamp
    """The last day of the calendar's month."""

    @classmethod
    def number(cls, grain: str, index: int, as_of: dt.date) -> Period:
        """The period with this number, as far as it has come by `as_of`."""
        first_of = GRAINS[grain]
        start, last = pd.Timestamp(first_of(index)), pd.Timestamp(first_of(index + 1)) - pd.Timedelta(days=1)
        return cls(start, min(last, pd.Timestamp(as_of)), grain, index, last)

    @property
    def is_running(self) -> bool:
        """Whether it has days after as_of."""
        return self.end < self.last

    @cached_property
    def previous(self) -> Span:
        """The period before, whole."""
        return Span(pd.Timestamp(GRAINS[self.grain](self.index - 1)), self.before)

    @cached_property
    def compared_with(self) -> Span:
        """The period before; while this one is running, as many days of it."""
        if not self.is_running:
            return self.previous
        same_length = self.previous.start + pd.Timedelta(days=self.days - 1)
        return Span(self.previous.start, min(same_length, self.before))


def months_over(day: pd.Timestamp, count: int) -> Span:
    """The last so many whole Gregorian months before `day`."""
    index = month_index("month", day.date())
    return Span(pd.Timestamp(month_start(index - count)), pd.Timestamp(month_start(index)) - pd.Timedelta(days=1))


def periods(grain: str, first: dt.date, as_of: dt.date) -> Iterator[Period]:
    """Every period from the one of `first` to the one of `as_of`."""
    for index in range(month_index(grain, first), month_index(grain, as_of) + 1):
        yield Period.number(grain, index, as_of)
