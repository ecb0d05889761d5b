"""Why a value is none of its column, and which words of a layout would read it: for the person who mends the row."""

from __future__ import annotations

import datetime as dt
import re

from kpi_pipeline.contracts.export import Column
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.ingest.business import business_calendar
from kpi_pipeline.ingest.columns import UPDATED_AT, written_as
from kpi_pipeline.ingest.values import EPOCHS, JALALI

_DAY = re.compile(r"(?P<first>\d{1,4})[-/.](?P<second>\d{1,2})[-/.](?P<third>\d{1,4})(?!\d)")
_ZONE = re.compile(r"\d:\d\d.* (?P<zone>[A-Za-z]{2}[A-Za-z_/+0-9-]*)$")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d+|\d{16,}\.0")
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})*,\d+|[+-]?\d+,\d+")
_BESIDE = re.compile(r"^[^\d.,()+%-]+|[^\d.,()+%-]+$")
"""The mark of a currency, before or after a number."""
_JALALI_YEARS = range(1250, 1500)
_GREGORIAN_YEARS = range(1900, 2150)


def why_not(given: str | None, column: Column, layout: Layout, settings: Settings) -> str:
    """Why `given` cannot stand in `column`, and what would read it where that can be told; None is an empty value."""
    if given is None:
        return f"{column.name} is required and is empty"
    if column.is_code:
        kind = "whole code" if _ROUNDED.search(given) else "code"
        return f"{given!r} is no {kind}: {_ROUNDED_HINT}"
    reason = f"{given!r} is no {column.data_type}"
    hint = ""
    if column.data_type in ("date", "timestamp"):
        hint = _hint_of_day(given, column, layout, settings)
    elif (
        layout.decimal_mark == "."
        and _DECIMAL_COMMA.fullmatch(_BESIDE.sub("", given))
        and column.data_type == "decimal(18,4)"
    ):
        hint = 'if its comma is a decimal mark, a layout reads it with decimal_mark: ","'
    return f"{reason}: {hint}" if hint else reason


_ROUNDED_HINT = (
    "a spreadsheet or a float has rounded it, and many rows would share it. Export it again without opening it "
    "there, or with the column as text"
)


def _hint_of_day(given: str, column: Column, layout: Layout, settings: Settings) -> str:
    name = "updated_at" if column.name == UPDATED_AT else column.name
    written = written_as(column, layout)
    if zone := _ZONE.search(given):
        return (
            f"the time zone {zone['zone']} cannot be read there; export it with an offset such as +03:30, or without "
            "one and with timezone in the layout"
        )
    found = _DAY.match(given)
    if found and (read := _reads(found, written)):
        return f"a layout reads it with formats: {{{name}: {read}}}"
    if found and written == JALALI and int(found["first"]) in _GREGORIAN_YEARS:
        return f"its year is Gregorian; a layout reads it without formats: {{{name}: jalali}}"
    if written in EPOCHS and given.lstrip("-").isdigit():
        units = ", ".join(EPOCHS)
        return f"counted as {written} it is a time that no business has; the units are {units}"
    business = business_calendar(settings)
    is_near = found and business.first.year <= int(found["first"]) <= business.last.year
    if written is None and found and len(found["first"]) == 4 and not is_near:
        first, last = settings.calendar_start, settings.calendar_end
        return f"it is not in, or near, the calendar from {first} to {last} (KPI_CALENDAR_START, KPI_CALENDAR_END)"
    return ""


def _reads(found: re.Match[str], written: str | None) -> str:
    """What would read the day that was `found`, other than as it is `written`; empty where that cannot be told."""
    if written != JALALI and len(found["first"]) == 4 and int(found["first"]) in _JALALI_YEARS:
        return "jalali"
    if written == JALALI or len(found["first"]) > 2:
        return ""
    if written and ("%Y" not in written or len(found["third"]) != 2):
        return ""
    if written:
        return f'"{written.replace("%Y", "%y")}"'
    separator = found[0][len(found["first"])]
    year = {2: "%y", 4: "%Y"}.get(len(found["third"]))
    orders = [separator.join((*order, year)) for order in (("%d", "%m"), ("%m", "%d"))] if year else []
    return " or ".join(f'"{order}"' for order in orders if _is_day(found[0], order))


def _is_day(text: str, written: str) -> bool:
    try:
        dt.datetime.strptime(text, written)
    except ValueError:
        return False
    return True
