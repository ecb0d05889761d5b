"""Which days a company's exports can mean, in which time zone a moment becomes one of them, and what money is in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.settings import Settings

YEARS_AROUND = 100
"""Around the published calendar: staff was hired and customers came long before it begins, a contract may end after it,
but a year of another calendar, or one of two digits, is farther away than that."""

_NEVER = dt.date(9999, 12, 31)
"""How tools write an end that has not come; the last year that has four digits."""


@dataclass(frozen=True)
class BusinessCalendar:
    """The time zone of the business day, the first and the last day that a row can be of, the reporting currency."""

    zone: str
    first: dt.date
    last: dt.date
    currency: str

    def span(self, entity: Entity, column: Column) -> tuple[dt.date, dt.date]:
        """The first and the last day that `column` can hold. Only the day of the row itself has to be over one day."""
        return self.first, self.last if column.name == entity.dated_by else _NEVER


def business_calendar(settings: Settings) -> BusinessCalendar:
    """That of the company."""
    first, last = settings.calendar_start.year - YEARS_AROUND, settings.calendar_end.year + YEARS_AROUND
    return BusinessCalendar(
        settings.timezone, dt.date(max(first, 1), 1, 1), dt.date(min(last, _NEVER.year), 12, 31), settings.currency
    )
