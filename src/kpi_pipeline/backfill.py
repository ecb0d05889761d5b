"""Which days a backfill rebuilds."""

from __future__ import annotations

import datetime as dt

from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.releases import current_release
from kpi_pipeline.settings import Settings


def backfill_days(settings: Settings, start: dt.date, end: dt.date) -> list[dt.date]:
    """The days from `start` to `end`, oldest first; and the day of the current release at the end, if it is later.

    Without that, a backfill of an old range would leave BI tools looking at an old day.

    Raises:
        ConfigurationError: `end` is before `start`.
    """
    if end < start:
        raise ConfigurationError(f"The range ends on {end}, before it starts on {start}.")
    days = [start + dt.timedelta(days=number) for number in range((end - start).days + 1)]
    current = current_release(settings)
    if current and current.as_of > end:
        days.append(current.as_of)
    return days
