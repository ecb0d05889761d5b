"""The calendar: known days, whole periods, and both calendars' agreement with another implementation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import jdatetime
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.warehouse.calendar import jalali_months, write_calendar


def calendar_of(**settings: Any) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema settings")
    write_calendar(connection, load_settings(**settings))
    return connection


@pytest.fixture(scope="module")
def calendar() -> Iterator[duckdb.DuckDBPyConnection]:
    with calendar_of() as connection:
        yield connection


def day(calendar: duckdb.DuckDBPyConnection, date: str, columns: str) -> tuple[Any, ...]:
    row = calendar.execute(f"select {columns} from settings.calendar where date_day = ?", [date]).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("gregorian", "jalali"),
    [
        ("2024-03-20", (1403, 1, 1)),
        ("2025-03-20", (1403, 12, 30)),  # 1403 is a leap year
        ("2025-03-21", (1404, 1, 1)),
        ("2021-03-20", (1399, 12, 30)),
        ("2021-03-21", (1400, 1, 1)),
        ("2024-03-19", (1402, 12, 29)),
        ("2000-01-01", (1378, 10, 11)),
        ("2049-12-31", (1428, 10, 11)),
        ("2024-09-21", (1403, 6, 31)),
        ("2024-09-22", (1403, 7, 1)),
    ],
)
def test_known_days_stand_where_almanacs_put_them(
    calendar: duckdb.DuckDBPyConnection, gregorian: str, jalali: tuple[int, int, int]
) -> None:
    assert day(calendar, gregorian, "jalali_year, jalali_month, jalali_day") == jalali


def test_a_day_knows_the_names_of_its_months_in_both_languages(calendar: duckdb.DuckDBPyConnection) -> None:
    names = "month_name_en, month_name_fa, jalali_month_name_en, jalali_month_name_fa"

    assert day(calendar, "2024-03-20", names) == ("March", "مارس", "Farvardin", "فروردین")
    assert day(calendar, "2025-01-15", names) == ("January", "ژانویه", "Dey", "دی")


def test_a_day_knows_the_first_day_of_each_of_its_periods(calendar: duckdb.DuckDBPyConnection) -> None:
    starts = "month_start, quarter_start, year_start, jalali_month_start, jalali_quarter_start, jalali_year_start"

    assert day(calendar, "2024-11-15", starts) == (
        dt.date(2024, 11, 1), dt.date(2024, 10, 1), dt.date(2024, 1, 1),
        dt.date(2024, 10, 22), dt.date(2024, 9, 22), dt.date(2024, 3, 20),
    )  # fmt: skip
    assert day(calendar, "2024-11-15", "quarter, jalali_quarter") == (4, 3)


@pytest.mark.parametrize(("week_start", "weekday"), [("monday", 1), ("saturday", 6), ("sunday", 7)])
def test_every_week_is_seven_days_from_the_configured_day(week_start: str, weekday: int) -> None:
    with calendar_of(week_start=week_start) as calendar:
        assert calendar.execute("select distinct isodow(week_start) from settings.calendar").fetchall() == [(weekday,)]
        assert calendar.execute(
            "select min(date_day - week_start), max(date_day - week_start) from settings.calendar"
        ).fetchall() == [(0, 6)]


@pytest.mark.parametrize(
    ("week_start", "starts"), [("monday", "2024-03-18"), ("saturday", "2024-03-16"), ("sunday", "2024-03-17")]
)
def test_the_week_of_a_known_wednesday_starts_on_the_right_day(week_start: str, starts: str) -> None:
    with calendar_of(week_start=week_start) as calendar:
        assert day(calendar, "2024-03-20", "week_start") == (dt.date.fromisoformat(starts),)


def test_every_jalali_month_has_29_to_31_days_as_its_place_in_the_year_says(
    calendar: duckdb.DuckDBPyConnection,
) -> None:
    lengths = calendar.execute(
        """
        select jalali_month, list(distinct days order by days) from (
            select jalali_year, jalali_month, count(*) as days from settings.calendar
            where jalali_year between 1379 and 1427 group by all
        ) group by all order by all
        """
    ).fetchall()

    assert lengths == [*((m, [31]) for m in range(1, 7)), *((m, [30]) for m in range(7, 12)), (12, [29, 30])]


def test_the_calendar_has_every_day_once(calendar: duckdb.DuckDBPyConnection) -> None:
    [row] = calendar.execute(
        "select count(*), count(distinct date_day), min(date_day), max(date_day) from settings.calendar"
    ).fetchall()

    assert row == (18263, 18263, dt.date(2000, 1, 1), dt.date(2049, 12, 31))


@pytest.mark.parametrize("period", ["month", "quarter", "year", "jalali_month", "jalali_quarter", "jalali_year"])
def test_a_period_starts_with_its_first_day_and_the_next_with_the_day_after_its_last(
    calendar: duckdb.DuckDBPyConnection, period: str
) -> None:
    wrong = calendar.execute(
        f"""
        with periods as (
            select {period}_start as starts, min(date_day) as first, max(date_day) as last
            from settings.calendar group by 1
        )
        select * from periods where starts > '2000-01-01'
            and (first <> starts or last + 1 <> coalesce((select min(p.starts) from periods as p
                                                          where p.starts > periods.starts), date '2050-01-01'))
        """
    ).fetchall()

    assert wrong == []


@hypothesis_settings(max_examples=300)
@given(date=st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31)))
def test_any_day_is_the_same_jalali_day_as_jdatetime_says_and_back(
    calendar: duckdb.DuckDBPyConnection, date: dt.date
) -> None:
    year, month, day_of_month = day(calendar, str(date), "jalali_year, jalali_month, jalali_day")
    jalali = jdatetime.date.fromgregorian(date=date)

    assert (year, month, day_of_month) == (jalali.year, jalali.month, jalali.day)
    assert jdatetime.date(year, month, day_of_month).togregorian() == date


def test_jalali_months_begin_with_the_year_that_the_first_day_is_in() -> None:
    months = list(jalali_months(dt.date(2024, 3, 19), dt.date(2024, 4, 20)))

    assert months[0] == (dt.date(2023, 3, 21), 1402, 1)
    assert months[-1] == (dt.date(2024, 4, 20), 1403, 2)
    assert len(months) == 14


def test_the_configured_range_is_the_range_of_the_calendar() -> None:
    with calendar_of(calendar_start=dt.date(2024, 3, 19), calendar_end=dt.date(2024, 3, 21)) as calendar:
        assert calendar.execute("select date_day, jalali_day from settings.calendar order by 1").fetchall() == [
            (dt.date(2024, 3, 19), 29), (dt.date(2024, 3, 20), 1), (dt.date(2024, 3, 21), 2),
        ]  # fmt: skip
