"""Which days a backfill rebuilds."""

from __future__ import annotations

import datetime as dt

from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.releases import list_releases
from kpi_pipeline.settings import Settings


def backfill_days(settings: Settings, start: dt.date, end: dt.date) -> list[dt.date]:
    """The days from `start` to `end`, oldest first; and the day of the newest release at the end, if it is later.

    Without that, a backfill of an old range, or one that was cut off and started again, would leave BI tools looking
    at an old day.

    Raises:
        ConfigurationError: `end` is before `start`.
    """
    if end < start:
        raise ConfigurationError(f"The range ends on {end}, before it starts on {start}.")
    days = [start + dt.timedelta(days=number) for number in range((end - start).days + 1)]
    newest = max((release.as_of for release in list_releases(settings)), default=end)
    return [*days, newest] if newest > end else days
