"""A reader in another process meets no lock, no half-written table and no mixture of two nights."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from bi_tool import bi_tool
from company import Company

from kpi_pipeline.release.store import list_releases

FIRST = dt.date(2024, 6, 5)


@pytest.mark.parametrize("nights", [3, pytest.param(10, marks=pytest.mark.long)])
def test_a_reader_through_nights(small_company: Company, nights: int) -> None:
    small_company.night(FIRST)
    days = [FIRST + dt.timedelta(days=number) for number in range(1, nights)]
    with bi_tool(small_company) as report:
        for day in days:
            small_company.write(
                f"crm/orders_{day}.csv",
                f"order_id,customer_id,ordered_at,status,revenue,channel\nn{day},c1,{day}T08:00:00,completed,5,web\n",
            )
            small_company.night(day)

    assert report["wrong"] == []
    assert report["seen"] == [day.isoformat() for day in [FIRST, *days]]
    assert report["asked"] > 10 * nights
    _assert_no_release_was_changed(small_company, nights)


def _assert_no_release_was_changed(company: Company, releases: int) -> None:
    found = list_releases(company.settings)
    assert len(found) == releases
    for release in found:
        checksums = release.manifest["sha256"]
        files = {path.relative_to(release.path).as_posix(): path for path in release.path.rglob("*") if path.is_file()}
        assert set(files) == {*checksums, "manifest.json"}
        for name, checksum in checksums.items():
            assert hashlib.sha256(files[name].read_bytes()).hexdigest() == checksum
