"""How a number is written for people, in English and Persian: terminal, page and the scorecard's sentences ask here."""

from __future__ import annotations

from kpi_pipeline.contracts.unit import UNITS
from kpi_pipeline.contracts.words import Language, Words

NO_NUMBER = "–"

_PERCENT = Words("%", "٪")
_POINTS = Words("pt", "واحد")
_PERCENTAGE_POINTS = Words("pt", "واحد درصد")
_PERSIAN = str.maketrans("0123456789.,-", "۰۱۲۳۴۵۶۷۸۹٫٬−")
_LEFT_TO_RIGHT = "\u200e"
_ROUNDING = 1e-9
"""How far a count may be from a whole number and still be one: a share of 84 that is 27 may be 27.000000000000004."""


def shown_value(value: float | None, unit: str, currency: str | None = None, language: Language = "en") -> str:
    """`value` with its unit: ``26.54 %``, ``29.16 USD``, ``12,721``, ``۲۶٫۵۴ ٪``; a dash for no value.

    Args:
        value: a value of a KPI; a percent as a fraction of one.
        unit: a key of `UNITS`.
        currency: the code that stands behind money.
        language: whose digits, marks and words.
    """
    if value is None:
        return NO_NUMBER
    suffix = currency or "" if unit == "currency" else UNITS[unit].suffix.to(language)
    return f"{_in(language, _number(value, unit))} {suffix}".rstrip()


def shown_change(change: float, unit: str, language: Language = "en") -> str:
    """`change` with its direction: ``▲ 10.0 %``, ``▼ 0.30 pt`` for what is compared by difference, ``= 0.0 %``.

    Args:
        change: as ``kpi_scorecard`` has it: relative, or the difference.
        unit: a key of `UNITS`.
        language: whose digits, marks and words.
    """
    is_difference = UNITS[unit].is_compared_by_difference
    amount = _number(abs(change), unit) if is_difference and unit != "percent" else f"{abs(change) * 100:.1f}"
    suffix = _PERCENT if not is_difference else _PERCENTAGE_POINTS if unit == "percent" else _POINTS
    mark = "=" if is_no_change(change) else "▲" if change > 0 else "▼"
    return f"{mark} {_in(language, amount)} {suffix.to(language)}"


def is_no_change(change: float) -> bool:
    """Whether `change` is nothing but rounding."""
    return round(change, 6) == 0


def shown_parts(numerator: float | None, denominator: float | None, language: Language = "en") -> str:
    """The two parts of a value, ``1,204 / 88,018``; nothing for a KPI without a denominator."""
    if numerator is None or denominator is None:
        return ""
    parts = (f"{part:,.0f}" if abs(part) >= 100 else f"{part:,.4g}" for part in (numerator, denominator))
    return " / ".join(_in(language, part) for part in parts)


def persian_number(number: str) -> str:
    """`number` with Persian digits and marks; its minus sign stays in front of it in a text from right to left."""
    return (_LEFT_TO_RIGHT if number.startswith("-") else "") + number.translate(_PERSIAN)


def _in(language: Language, number: str) -> str:
    return persian_number(number) if language == "fa" else number


def _number(value: float, unit: str) -> str:
    """`value` without its unit, with as many digits as tell something."""
    size = abs(value)
    match unit:
        case "percent":
            return f"{value * 100:,.2f}"
        case "count" if abs(value - round(value)) < _ROUNDING or size >= 1000:
            return f"{value:,.0f}"
        case "count" | "units_per_hour":
            return f"{value:,.2f}" if size < 10 else f"{value:,.1f}"
        case "currency":
            return f"{value:,.2f}" if size < 10_000 else f"{value:,.0f}"
        case "score" | "position":
            return f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"
        case _:
            return f"{value:,.1f}"
