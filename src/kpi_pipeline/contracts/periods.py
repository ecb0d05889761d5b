"""What people call a period, in English and Persian, from its grain and its first day alone."""

from __future__ import annotations

import datetime as dt

import jdatetime

from kpi_pipeline.contracts.numbers import persian_number
from kpi_pipeline.contracts.words import Language

GREGORIAN_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
GREGORIAN_MONTHS_FA = (
    "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip
JALALI_MONTHS_EN = tuple(jdatetime.date.j_months_en)
JALALI_MONTHS_FA = tuple(jdatetime.date.j_months_fa)
_QUARTERS_FA = ("اول", "دوم", "سوم", "چهارم")


def period_label(grain: str, start: dt.date, language: Language = "en") -> str:
    """What the period of `grain` that begins on `start` is called.

    ``May 2024``, ``2024 Q2``, ``2024-W20``, ``Khordad 1403``, ``خرداد ۱۴۰۳``; a week that does not begin on Monday is
    named by its first day.
    """
    return _persian(grain, start) if language == "fa" else _english(grain, start)


def persian_date(day: dt.date) -> str:
    """`day` in the Jalali calendar, ``۹ آبان ۱۴۰۵``."""
    try:
        jalali = jdatetime.date.fromgregorian(date=day)
    except ValueError:  # a year that this calendar does not reach
        return persian_number(day.isoformat())
    return persian_number(f"{jalali.day} {JALALI_MONTHS_FA[jalali.month - 1]} {jalali.year}")


def _english(grain: str, start: dt.date) -> str:
    year, month = _year_and_month(grain, start)
    match grain:
        case "week" if start.weekday() == 0:
            return f"{start:%G}-W{start:%V}"
        case "week":
            return f"week {start}"
        case "month":
            return f"{GREGORIAN_MONTHS_EN[month - 1][:3]} {year}"
        case "jalali_month":
            return f"{JALALI_MONTHS_EN[month - 1]} {year}"
        case "quarter" | "jalali_quarter":
            return f"{year} Q{_quarter(month)}"
        case "year" | "jalali_year":
            return str(year)
        case _:
            return str(start)


def _persian(grain: str, start: dt.date) -> str:
    year, month = _year_and_month(grain, start)
    match grain:
        case "week":
            return f"هفته‌ی {persian_date(start)}"
        case "month":
            return f"{GREGORIAN_MONTHS_FA[month - 1]} {persian_number(str(year))}"
        case "jalali_month":
            return f"{JALALI_MONTHS_FA[month - 1]} {persian_number(str(year))}"
        case "quarter" | "jalali_quarter":
            return f"سه‌ماهه‌ی {_QUARTERS_FA[_quarter(month) - 1]} {persian_number(str(year))}"
        case "year" | "jalali_year":
            return persian_number(str(year))
        case _:
            return persian_date(start)


def _year_and_month(grain: str, start: dt.date) -> tuple[int, int]:
    """Year and month of `start` in the calendar of `grain`."""
    if grain.startswith("jalali"):
        jalali = jdatetime.date.fromgregorian(date=start)
        return jalali.year, jalali.month
    return start.year, start.month


def _quarter(month: int) -> int:
    return (month + 2) // 3
