"""What a file gives for a column, as the column's type: SQL that is NULL where it is no such value."""

from __future__ import annotations

from kpi_pipeline.contracts.export import Column
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest import values
from kpi_pipeline.ingest.business import BusinessCalendar
from kpi_pipeline.ingest.columns import headers_of, written_as
from kpi_pipeline.ingest.currencies import marks_of
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.warehouse.connection import quoted

PLACES_ON_THE_WAY = 8
"""Places after the point that an amount keeps until it is converted, and then is rounded once."""


def given_name(column: Column) -> str:
    """The name of what the file gives for `column`, beside what is read of it."""
    return quoted("given_" + column.name)


def is_typed(column: Column, layout: Layout, reading: Reading) -> bool:
    """Whether the file itself brings a type for `column` that needs no conversion from text."""
    headers = headers_of(column, layout)
    asks_for_text = column.data_type == "text" or column.name in {
        *layout.values,
        *layout.otherwise,
    }
    if asks_for_text or len(headers) != 1:
        return False
    return str(reading.types.get(headers[0], "VARCHAR")) not in ("VARCHAR", "JSON")


def cast(given: str, column: Column, layout: Layout, reading: Reading, business: BusinessCalendar) -> str:
    """`given` as the column's type, NULL where it is no such value."""
    written, mark = written_as(column, layout), layout.decimal_mark
    has_type = is_typed(column, layout, reading)
    match column.data_type:
        case "text":
            return values.code(given) if column.is_code else given
        case "timestamp":
            # the session's time zone is the layout's: it applies to values without an offset, and only to them
            is_counted = written in values.EPOCHS
            return (
                values.in_utc(f"try_cast({given} as timestamptz)")
                if has_type and not is_counted
                else values.moment(f"cast({given} as text)" if has_type else given, written)
            )
        case "date":
            return date(given, column, layout, reading, business.zone)
        case "bigint":
            if has_type:
                whole = f"try_cast({given} as bigint)"
                return f"case when try_cast({given} as double) = {whole} then {whole} end"
            return values.whole_number(given, mark)
        case "double":
            return f"case when isfinite({given}) then {given} end" if has_type else values.real_number(given, mark)
        case "boolean":
            return f"try_cast({given} as boolean)" if has_type else values.boolean(given)
        case "decimal(18,4)":
            beside = marks_of(business.currency) if column.is_money else ""
            return decimal(given, column, layout, reading, beside=beside)


def decimal(
    given: str,
    column: Column,
    layout: Layout,
    reading: Reading,
    *,
    beside: str = "",
    number: str | None = None,
    places: int | None = None,
) -> str:
    """`given` as a decimal, in the unit of the column.

    Args:
        given: SQL of what the file gives.
        column: the column that it is for.
        layout: that of the file.
        reading: the file.
        beside: see `values.number`.
        number: SQL of the number in it, where that is known apart from what is plainly one.
        places: how many it keeps after the point, where this is not its last form.
    """
    name = column.name
    factors = [f"cast({layout.scale[name]} as decimal(10,6))"] if name in layout.scale else []
    factors += [quoted("times_" + name)] if name in layout.times else []
    factors += [quoted("factor_" + name)] if name in layout.scale_by else []
    wide, narrow = (28, PLACES_ON_THE_WAY), (18, 4)
    digits, kept = wide if factors or places else narrow
    if is_typed(column, layout, reading):
        value = f"try_cast({given} as decimal({digits},{kept}))"
    else:
        value = values.decimal(given, digits, kept, layout.decimal_mark, beside, number)
    if not factors:
        return value
    digits, kept = wide if places else narrow
    return f"try(cast({' * '.join([value, *factors])} as decimal({digits},{kept})))"


def date(given: str, column: Column, layout: Layout, reading: Reading, zone: str) -> str:
    """`given` as a date: a moment, in text or typed, as the business day that it falls on in `zone`."""
    written = written_as(column, layout)
    if not is_typed(column, layout, reading):
        return values.date(given, zone, written)
    kind = str(reading.types[headers_of(column, layout)[0]])
    if kind == "TIMESTAMP WITH TIME ZONE":
        return values.finite(values.day_of_utc(values.in_utc(given), zone))
    if kind.startswith("TIMESTAMP"):
        return values.finite(values.day_of_local(given, zone))
    if written in values.EPOCHS:
        return values.date(f"cast({given} as text)", zone, written)
    return values.finite(f"try_cast({given} as date)")
