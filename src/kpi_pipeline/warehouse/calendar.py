"""The calendar: one row per day, Gregorian and Jalali, for the SQL and for the release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import jdatetime

from kpi_pipeline.contracts.periods import GREGORIAN_MONTHS_FA, JALALI_MONTHS_EN, JALALI_MONTHS_FA
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import literal


def jalali_months(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int, int]]:
    """The first day, year and number of every Jalali month, from the year that `first` is in up to `last`."""
    year, month = jdatetime.date.fromgregorian(date=first).year, 1
    while (begins := jdatetime.date(year, month, 1).togregorian()) <= last:
        yield begins, year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def write_calendar(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write ``settings.calendar``, the days from calendar_start to calendar_end (whole years of both calendars)."""
    months = list(jalali_months(settings.calendar_start, settings.calendar_end))
    values = ", ".join(
        f"(date '{begins}', {year}, {month}, {literal(JALALI_MONTHS_EN[month - 1])}, "
        f"{literal(JALALI_MONTHS_FA[month - 1])})"
        for begins, year, month in months
    )
    names_fa = ", ".join(literal(name) for name in GREGORIAN_MONTHS_FA)
    week_shift = {"monday": 0, "sunday": 1, "saturday": 2}[settings.week_start]
    connection.execute(
        f"""
        create or replace table settings.calendar as
        with named_months (begins, jalali_year, jalali_month, jalali_month_name_en, jalali_month_name_fa) as (
            values {values}
        ),
        jalali_months as (
            select
                *,
                (jalali_month + 2) // 3 as jalali_quarter,
                min(begins) over (partition by jalali_year, (jalali_month + 2) // 3) as jalali_quarter_start,
                min(begins) over (partition by jalali_year) as jalali_year_start
            from named_months
        ),
        days as (
            select cast(unnest(generate_series(
                date '{settings.calendar_start}', date '{settings.calendar_end}', interval 1 day
            )) as date) as date_day
        )
        select
            days.date_day,
            year(date_day) as year, quarter(date_day) as quarter, month(date_day) as month,
            monthname(date_day) as month_name_en, [{names_fa}][month(date_day)] as month_name_fa,
            cast(date_trunc('week', date_day + {week_shift}) as date) - {week_shift} as week_start,
            cast(date_trunc('month', date_day) as date) as month_start,
            cast(date_trunc('quarter', date_day) as date) as quarter_start,
            cast(date_trunc('year', date_day) as date) as year_start,
            jalali_months.jalali_year, jalali_months.jalali_quarter, jalali_months.jalali_month,
            date_day - jalali_months.begins + 1 as jalali_day,
            jalali_months.jalali_month_name_en, jalali_months.jalali_month_name_fa,
            jalali_months.begins as jalali_month_start,
            jalali_months.jalali_quarter_start, jalali_months.jalali_year_start
        from days
        asof join jalali_months on days.date_day >= jalali_months.begins
        order by date_day
        """
    )
