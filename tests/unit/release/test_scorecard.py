"""The scorecard, by rows that can be checked by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

MONTHS = [f"2024-{month:02}-01" for month in range(1, 13)]
COLUMNS = "kpi_value, status, attainment"


def total(start: str, numerator: float | None, denominator: float | None = None, grain: str = "month") -> Any:
    return (grain, start, "all", "all", numerator, denominator)


def sums(*values: float) -> list[Any]:
    return [total(start, value) for start, value in zip(MONTHS, values, strict=False)]


def scorecard(nights: Any, columns: str, grain: str = "month") -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = nights.published(
        f"select {columns} from kpi_scorecard where kpi = 'kpi' and period_grain = ? order by period_start", [grain]
    )
    return found


def publish(nights: Any, parts: list[Any], as_of: str, *, targets: str = "", **meta: Any) -> None:
    nights.declare("kpi", **{"kind": "sum", "unit": "count", "dimensions": [], **meta})
    if targets:
        nights.targets(*(f"kpi,all,all,{line}" for line in targets.split()))
    nights.night(as_of, {"kpi": parts}, days=("2023-01-01" if meta.get("old") else "2024-01-01", as_of))


@pytest.mark.parametrize(
    ("good", "line", "expected"),
    [
        # target 100, at risk below 100, off track below 90: the margin of a tenth
        ("up", "month,2024-01-01,,,100,,,",
         [(100, "on_track", 1.0), (99, "at_risk", 0.99), (90, "at_risk", 0.9), (89, "off_track", 0.89),
          (0, "off_track", 0.0)]),
        # at risk below 95, off track below 80
        ("up", "month,2024-01-01,,,100,,95,80",
         [(95, "on_track", 0.95), (94, "at_risk", 0.94), (80, "at_risk", 0.8), (79, "off_track", 0.79),
          (200, "on_track", 2.0)]),
        ("down", "month,2024-01-01,,,100,,,",
         [(100, "on_track", 1.0), (110, "at_risk", 100 / 110), (111, "off_track", 100 / 111), (0, "on_track", None),
          (50, "on_track", 2.0)]),
        ("down", "month,2024-01-01,,,100,,105,120",
         [(105, "on_track", 100 / 105), (106, "at_risk", 100 / 106), (120, "at_risk", 100 / 120),
          (125, "off_track", 0.8),
          (100, "on_track", 1.0)]),
        # nearer to zero is better, from both sides
        ("zero", "month,2024-01-01,,,10,,10,20",
         [(10, "on_track", None), (-10, "on_track", None), (-11, "at_risk", None), (20, "at_risk", None),
          (-21, "off_track", None)]),
        ("zero", "month,2024-01-01,,,0,,0,5",
         [(0, "on_track", None), (3, "at_risk", None), (-5, "at_risk", None), (-6, "off_track", None),
          (6, "off_track", None)]),
    ],
)  # fmt: skip
def test_status_and_attainment_follow_the_direction_that_is_good(
    nights: Any, good: str, line: str, expected: list[tuple[float, str, float | None]]
) -> None:
    publish(nights, sums(*(value for value, _, _ in expected)), "2024-05-31", good=good, targets=line)

    found = scorecard(nights, COLUMNS)
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == [pytest.approx(row[2]) if row[2] is not None else None for row in expected]


def test_a_value_that_is_missing_has_no_status_and_no_target_is_said(nights: Any) -> None:
    parts = [total("2024-01-01", 1, 2), total("2024-02-01", 0, 0), total("2024-03-01", 1, 4)]
    publish(nights, parts, "2024-03-31", kind="ratio", unit="percent", targets="month,2024-01-01,2024-02-29,,0.5,,,")

    assert scorecard(nights, "status, target, status_reason, streak") == [
        ("on_track", 0.5, "50.00 % meets the target of 50.00 %", 1),
        ("no_data", 0.5, "there is no value: nothing happened that the KPI is measured by", None),
        ("no_target", None, "no target is set for this period", None),
    ]


@pytest.mark.parametrize("unit", ["score", "position"])
def test_change_of_what_has_no_zero_to_count_from_is_the_difference(nights: Any, unit: str) -> None:
    publish(nights, sums(-5, 10, 30), "2024-03-31", kind="last", unit=unit)

    assert scorecard(nights, "change") == [(None,), (15,), (20,)]


def test_change_is_relative_and_for_percents_the_difference(nights: Any) -> None:
    publish(nights, sums(100, 150, 75, 0, 10), "2024-05-31")

    assert scorecard(nights, "previous_value, change") == [
        (None, None), (100, 0.5), (150, -0.5), (75, -1.0), (0, None),
    ]  # fmt: skip

    parts = [total("2024-01-01", 1, 2), total("2024-02-01", 1, 4), total("2024-03-01", 0, 0), total("2024-04-01", 1, 2)]
    publish(nights, parts, "2024-04-30", kind="ratio", unit="percent")
    assert scorecard(nights, "previous_value, change") == [
        (None, None), (0.5, -0.25), (0.25, None), (None, None),
    ]  # fmt: skip


def test_change_from_a_negative_value_has_the_sign_of_the_movement(nights: Any) -> None:
    publish(nights, sums(-100, -50, -150), "2024-03-31", kind="last")

    assert scorecard(nights, "change") == [(None,), (0.5,), (-2.0,)]


def test_a_year_ago_is_the_same_month_the_same_weekday_or_52_weeks_before(nights: Any) -> None:
    parts = [
        total("2023-03-01", 10), total("2024-02-01", 30), total("2024-03-01", 20),
        total("2023-03-15", 4, grain="day"), total("2024-03-13", 6, grain="day"),
        total("2023-03-13", 8, grain="week"), total("2024-03-11", 12, grain="week"),
    ]  # fmt: skip
    nights.declare("kpi", kind="sum", unit="count", dimensions=[])
    nights.night("2024-03-31", {"kpi": parts}, days=("2023-01-01", "2024-03-31"))

    year_ago = "year_ago_value, year_ago_change"
    month = nights.published(
        f"select previous_value, {year_ago} from kpi_scorecard "
        "where (period_grain, period_start) = ('month', '2024-03-01')"
    )
    assert month == [(30, 10, 1.0)]
    day = nights.published(
        f"select {year_ago} from kpi_scorecard where (period_grain, period_start) = ('day', '2024-03-13')"
    )
    assert day == [(4, 0.5)]
    week = nights.published(
        f"select {year_ago} from kpi_scorecard where (period_grain, period_start) = ('week', '2024-03-11')"
    )
    assert week == [(8, 0.5)]


def test_a_running_period_is_compared_with_as_many_days_of_the_one_before(nights: Any) -> None:
    parts = [
        *sums(310, 290, 60),
        total("2024-02-01", 50, grain="month_to_date"),
        total("2023-03-01", 40, grain="month_to_date"),
        total("2023-03-01", 999),
    ]
    nights.declare("kpi", kind="sum", unit="count", dimensions=[])
    nights.night("2024-03-10", {"kpi": parts}, days=("2023-01-01", "2024-03-10"))

    columns = "is_complete, kpi_value, previous_value, change, year_ago_value, year_ago_change"
    rows = scorecard(nights, columns)
    assert rows[-1] == (False, 60, 50, pytest.approx(0.2), 40, pytest.approx(0.5))
    # the complete month before is compared with a whole one
    assert rows[-2][:4] == (True, 290, 310, pytest.approx(-20 / 310))


def test_the_target_of_a_running_sum_is_due_in_proportion_to_its_days(nights: Any) -> None:
    # 10 of March's 31 days: 310 a month is 100 by now, off track below 90
    line = "month,2024-01-01,,,310,,,"
    for value, status in ((100, "on_track"), (99, "at_risk"), (90, "at_risk"), (89, "off_track")):
        publish(nights, sums(0, 0, value), "2024-03-10", targets=line)
        assert scorecard(nights, "status, target, attainment")[-1] == (status, 310, pytest.approx(value / 310))

    publish(nights, sums(0, 0, 95), "2024-03-10", targets=line)
    assert scorecard(nights, "status_reason, streak")[-1] == (
        "95 misses the target of 100, the limit is 90, after 10 of 31 days", None,
    )  # fmt: skip


def test_the_target_of_a_running_rate_is_due_whole(nights: Any) -> None:
    parts = [total("2024-01-01", 1, 2), total("2024-02-01", 1, 2)]
    publish(nights, parts, "2024-02-05", kind="ratio", unit="percent", targets="month,2024-01-01,,,0.5,,,")

    assert scorecard(nights, "status, status_reason")[-1] == (
        "on_track", "50.00 % meets the target of 50.00 %, after 5 of 29 days",
    )  # fmt: skip


def test_the_streak_counts_complete_periods_with_the_same_status_in_a_row(nights: Any) -> None:
    publish(nights, sums(100, 100, 50, 95, 95, 100, 100, 100, 10), "2024-09-10", targets="month,2024-01-01,,,100,,,")

    assert scorecard(nights, "status, streak") == [
        ("on_track", 1), ("on_track", 2), ("off_track", 1), ("at_risk", 1), ("at_risk", 2), ("on_track", 1),
        ("on_track", 2), ("on_track", 3), ("off_track", None),
    ]  # fmt: skip


def test_a_period_without_value_ends_the_streak(nights: Any) -> None:
    parts = [total("2024-01-01", 1, 2), total("2024-02-01", 0, 0), total("2024-03-01", 1, 2)]
    publish(nights, parts, "2024-03-31", kind="ratio", unit="percent", targets="month,2024-01-01,,,0.5,,,")

    assert scorecard(nights, "streak") == [(1,), (None,), (1,)]


@pytest.mark.parametrize(
    ("good", "line", "value", "words"),
    [
        ("up", "month,2024-01-01,,,1000,,,", 1200, "1,200 meets the target of 1,000"),
        ("up", "month,2024-01-01,,,30,,28,25", 29, "29 misses the target of 30, within the limit of 28"),
        ("up", "month,2024-01-01,,,30,,32,25", 31, "31 meets the target of 30, but not the limit of 32"),
        ("up", "month,2024-01-01,,,30,,,25", 26, "26 misses the target of 30, the limit is 25"),
        ("up", "month,2024-01-01,,,-5,,-5,-10", -12, "-12 is beyond the limit of -10, the target is -5"),
        ("down", "month,2024-01-01,,,5,,,", 9, "9 is beyond the limit of 5.50, the target is 5"),
        ("zero", "month,2024-01-01,,,1,,1,2", -3, "-3 is beyond the limit of 2, the target is 1"),
    ],
)  # fmt: skip
def test_the_reason_says_what_is_true(nights: Any, good: str, line: str, value: float, words: str) -> None:
    publish(nights, sums(value), "2024-01-31", good=good, targets=line)

    assert scorecard(nights, "status_reason") == [(words,)]


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("count", 8.5, "8.50 misses the target of 9, the limit is 8.10"),
        ("percent", 0.5, "50.00 % meets the target of 50.00 %"),
        ("currency", 12345.6, "12,346 EUR meets the target of 9.00 EUR"),
        ("days", 9, "9.0 days meets the target of 9.0 days"),
        ("score", 9, "9.00 meets the target of 9.00"),
    ],
)
def test_the_reason_writes_numbers_as_the_terminal_does(
    new_nights: Callable[..., Any], unit: str, value: float, words: str
) -> None:
    nights = new_nights(currency="EUR", grains="month")
    target = 0.5 if unit == "percent" else 9
    publish(nights, sums(value), "2024-01-31", unit=unit, kind="last", targets=f"month,2024-01-01,,,{target},,,")

    assert scorecard(nights, "status_reason") == [(words,)]


def test_a_target_applies_from_its_first_to_its_last_day_and_to_its_grain(nights: Any) -> None:
    publish(
        nights,
        sums(1, 1, 1, 1),
        "2024-04-30",
        targets="month,2024-02-01,2024-02-29,,5,,, month,2024-03-01,,,6,,, day,2024-01-01,,,9,,,",
    )

    assert scorecard(nights, "target") == [(None,), (5,), (6,), (6,)]
    assert set(scorecard(nights, "target", "day")) == {(9,)}


def test_a_target_of_a_member_does_not_judge_the_total(nights: Any) -> None:
    nights.declare("kpi", kind="sum", unit="count", dimensions=["channel"])
    nights.targets("kpi,channel,web,month,2024-01-01,,,5,,,")
    nights.night("2024-01-31", {"kpi": sums(1)}, days=("2024-01-01", "2024-01-31"))

    assert scorecard(nights, "target, status") == [(None, "no_target")]
    assert nights.published("select dimension, member, target from kpi_targets") == [("channel", "web", 5.0)]


def test_a_period_has_one_line_for_its_total(nights: Any) -> None:
    nights.declare("kpi", kind="sum", unit="count", dimensions=["channel"])
    parts = [*sums(1, 2), ("month", "2024-01-01", "channel", "web", 1.0, None)]
    nights.night("2024-02-29", {"kpi": parts}, days=("2024-01-01", "2024-02-29"))

    assert scorecard(nights, "period_start, kpi_value") == [(dt.date(2024, 1, 1), 1), (dt.date(2024, 2, 1), 2)]
