"""A backfill of old days never leaves `current` at an older day than before."""

from __future__ import annotations

import datetime as dt

import pytest
from company import Company

from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.release.store import current_release, list_releases
from kpi_pipeline.schedule import backfill_days

OLD, NEW = dt.date(2024, 6, 4), dt.date(2024, 6, 8)


@pytest.mark.long
def test_a_backfill_ends_at_the_day_that_was_current(small_company: Company) -> None:
    small_company.night(NEW)
    before = small_company.content("kpi_runs", "kpi_audits")

    days = backfill_days(small_company.settings, OLD, OLD)
    assert days == [OLD, NEW]
    for day in days:
        small_company.rebuild(day)
        release = current_release(small_company.settings)
        assert release is not None
        assert release.as_of == day
        # cut off here and started again, it would still end where it should
        assert backfill_days(small_company.settings, OLD, OLD) == [OLD, NEW]

    assert small_company.content("kpi_runs", "kpi_audits") == before
    assert [release.as_of for release in list_releases(small_company.settings)] == [NEW, OLD, NEW]
    nights = small_company.query("select as_of, verdict, count(*) from kpi_runs group by all order by all")
    assert nights == [(OLD, "published", 5), (NEW, "published", 5)]


def test_the_days_of_a_backfill(small_company: Company) -> None:
    settings = small_company.settings
    assert backfill_days(settings, OLD, OLD + dt.timedelta(days=2)) == [
        dt.date(2024, 6, 4), dt.date(2024, 6, 5), dt.date(2024, 6, 6),
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="ends on 2024-06-04, before it starts on 2024-06-08"):
        backfill_days(settings, NEW, OLD)
