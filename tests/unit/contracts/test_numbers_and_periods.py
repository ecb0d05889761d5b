"""What people read: numbers and periods in English and Persian."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import duckdb
import pytest

from kpi_pipeline.contracts.grain import Grain
from kpi_pipeline.contracts.numbers import persian_number, shown_change, shown_parts, shown_value
from kpi_pipeline.contracts.periods import period_label, persian_date
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.warehouse.calendar import write_calendar

MINUS = "\u200e−"
"""A minus sign that stays in front of its number in a text from right to left."""


@pytest.mark.parametrize(
    ("value", "unit", "english", "persian"),
    [
        (None, "count", "–", "–"), (0.2654, "percent", "26.54 %", "۲۶٫۵۴ ٪"),
        (-0.5, "percent", "-50.00 %", f"{MINUS}۵۰٫۰۰ ٪"), (12721, "count", "12,721", "۱۲٬۷۲۱"),
        (2.5, "count", "2.50", "۲٫۵۰"), (29.155, "currency", "29.16 USD", "۲۹٫۱۶ USD"),
        (12345.6, "currency", "12,346 USD", "۱۲٬۳۴۶ USD"), (-12345.6, "currency", "-12,346 USD", f"{MINUS}۱۲٬۳۴۶ USD"),
        (4.256, "score", "4.26", "۴٫۲۶"), (3, "position", "3.00", "۳٫۰۰"), (12.34, "days", "12.3 days", "۱۲٫۳ روز"),
        (110.52, "minutes", "110.5 min", "۱۱۰٫۵ دقیقه"), (50, "seconds", "50.0 s", "۵۰٫۰ ثانیه"),
        (2, "months", "2.0 months", "۲٫۰ ماه"), (1.594, "units_per_hour", "1.59 per hour", "۱٫۵۹ در ساعت"),
        (0, "count", "0", "۰"), (9 / 28 * 84, "count", "27", "۲۷"), (-0.999, "count", "-1.00", f"{MINUS}۱٫۰۰"),
        (168.33, "count", "168.3", "۱۶۸٫۳"), (1584.92, "count", "1,585", "۱٬۵۸۵"),
        (6.225, "position", "6.22", "۶٫۲۲"), (233900, "position", "233,900", "۲۳۳٬۹۰۰"),
        (-21.19, "score", "-21.19", f"{MINUS}۲۱٫۱۹"),
    ],
)  # fmt: skip
def test_a_value_is_shown_with_its_unit(value: float | None, unit: str, english: str, persian: str) -> None:
    assert shown_value(value, unit, "USD") == english
    assert shown_value(value, unit, "USD", "fa") == persian


def test_money_without_a_currency_is_a_number() -> None:
    assert shown_value(5, "currency", None, "fa") == "۵٫۰۰"


@pytest.mark.parametrize(
    ("change", "unit", "english", "persian"),
    [
        (0.1, "count", "▲ 10.0 %", "▲ ۱۰٫۰ ٪"), (-0.1, "count", "▼ 10.0 %", "▼ ۱۰٫۰ ٪"),
        (0.021, "percent", "▲ 2.1 pt", "▲ ۲٫۱ واحد درصد"), (-0.3, "position", "▼ 0.30 pt", "▼ ۰٫۳۰ واحد"),
        (12.5, "currency", "▲ 1250.0 %", "▲ ۱۲۵۰٫۰ ٪"), (0.0, "count", "= 0.0 %", "= ۰٫۰ ٪"),
        (-1e-9, "score", "= 0.00 pt", "= ۰٫۰۰ واحد"),
    ],
)  # fmt: skip
def test_a_change_is_shown_with_its_direction(change: float, unit: str, english: str, persian: str) -> None:
    assert shown_change(change, unit) == english
    assert shown_change(change, unit, "fa") == persian


@pytest.mark.parametrize(
    ("parts", "english", "persian"),
    [
        ((1204, 88018), "1,204 / 88,018", "۱٬۲۰۴ / ۸۸٬۰۱۸"), ((-1.23456, 3), "-1.235 / 3", f"{MINUS}۱٫۲۳۵ / ۳"),
        ((5, None), "", ""), ((None, 5), "", ""),
    ],
)  # fmt: skip
def test_the_parts_of_a_value(parts: tuple[float | None, float | None], english: str, persian: str) -> None:
    assert (shown_parts(*parts), shown_parts(*parts, "fa")) == (english, persian)


@pytest.mark.parametrize(
    ("number", "persian"), [("1,234.50", "۱٬۲۳۴٫۵۰"), ("-0.5", f"{MINUS}۰٫۵"), ("1403", "۱۴۰۳")]
)  # fmt: skip
def test_a_number_in_persian(number: str, persian: str) -> None:
    assert persian_number(number) == persian


@pytest.mark.parametrize(
    ("grain", "start", "english", "persian"),
    [
        ("day", "2024-03-20", "2024-03-20", "۱ فروردین ۱۴۰۳"), ("week", "2024-01-01", "2024-W01", "هفته‌ی ۱۱ دی ۱۴۰۲"),
        ("week", "2024-12-30", "2025-W01", "هفته‌ی ۱۰ دی ۱۴۰۳"),
        ("week", "2024-01-06", "week 2024-01-06", "هفته‌ی ۱۶ دی ۱۴۰۲"), ("month", "2024-05-01", "May 2024", "مه ۲۰۲۴"),
        ("month", "1999-09-01", "Sep 1999", "سپتامبر ۱۹۹۹"), ("quarter", "2024-04-01", "2024 Q2", "سه‌ماهه‌ی دوم ۲۰۲۴"),
        ("quarter", "2024-10-01", "2024 Q4", "سه‌ماهه‌ی چهارم ۲۰۲۴"), ("year", "2024-01-01", "2024", "۲۰۲۴"),
        ("jalali_month", "2024-05-21", "Khordad 1403", "خرداد ۱۴۰۳"),
        ("jalali_month", "2025-02-19", "Esfand 1403", "اسفند ۱۴۰۳"),
        ("jalali_quarter", "2024-03-20", "1403 Q1", "سه‌ماهه‌ی اول ۱۴۰۳"),
        ("jalali_quarter", "2024-09-22", "1403 Q3", "سه‌ماهه‌ی سوم ۱۴۰۳"),
        ("jalali_year", "2024-03-20", "1403", "۱۴۰۳"),
    ],
)  # fmt: skip
def test_a_period_is_called_what_people_call_it(grain: str, start: str, english: str, persian: str) -> None:
    day = dt.date.fromisoformat(start)

    assert period_label(grain, day) == english
    assert period_label(grain, day, "fa") == persian


def test_months_are_called_as_in_the_published_calendar() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema settings")
        write_calendar(connection, load_settings())
        months = connection.execute(
            "select distinct month_start, year, month_name_en, month_name_fa from settings.calendar"
        ).fetchall()
        jalali_months = connection.execute(
            "select distinct jalali_month_start, jalali_year, jalali_month_name_en, jalali_month_name_fa "
            "from settings.calendar"
        ).fetchall()

    assert len(months) == 600
    assert len(jalali_months) > 600
    for start, year, english, persian in months:
        assert period_label("month", start) == f"{english[:3]} {year}"
        assert period_label("month", start, "fa") == f"{persian} {persian_number(str(year))}"
    for start, year, english, persian in jalali_months:
        assert period_label("jalali_month", start) == f"{english} {year}"
        assert period_label("jalali_month", start, "fa") == f"{persian} {persian_number(str(year))}"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_two_periods_of_a_grain_are_called_alike(language: str) -> None:
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=number) for number in range(3 * 365)]
    firsts = {
        "day": days,
        "week": [day for day in days if day.weekday() == 5],
        "month": [day for day in days if day.day == 1],
        "quarter": [day for day in days if (day.day, day.month % 3) == (1, 1)],
        "year": [day for day in days if (day.day, day.month) == (1, 1)],
    }
    firsts |= {f"jalali_{grain}": firsts[grain] for grain in ("month", "quarter", "year")}

    assert set(firsts) == set(get_args(Grain))
    for grain, starts in firsts.items():
        labels = {period_label(grain, start, language) for start in starts}  # type: ignore[arg-type]
        assert len(labels) == len(starts) > 2, grain


def test_a_day_that_the_jalali_calendar_does_not_reach_stays_gregorian() -> None:
    assert persian_date(dt.date(1, 1, 1)) == "۰۰۰۱−۰۱−۰۱"
