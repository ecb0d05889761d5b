"""The period grains that the pipeline knows."""

from __future__ import annotations

from typing import Literal, get_args

from kpi_pipeline.contracts.words import Words

Grain = Literal["day", "week", "month", "quarter", "year", "jalali_month", "jalali_quarter", "jalali_year"]

GRAINS: tuple[Grain, ...] = get_args(Grain)
"""Every period grain, finest first, Gregorian before Jalali."""

Cadence = Literal["day", "week", "month", "quarter", "year"]
"""How often a KPI is looked at, always by the Gregorian calendar."""

CADENCES: dict[Cadence, Words] = {
    "day": Words("daily", "روزانه"),
    "week": Words("weekly", "هفتگی"),
    "month": Words("monthly", "ماهانه"),
    "quarter": Words("quarterly", "سه‌ماهه"),
    "year": Words("yearly", "سالانه"),
}
assert tuple(CADENCES) == get_args(Cadence)
