"""Values as people write them, as SQL expressions that make them typed.

Every function takes a SQL expression of type text and returns one. A value that is not what the column's type says
becomes NULL there, and the row goes to quarantine: nothing is guessed on the way. Decimals are kept to four places.
What is written plainly is cast plainly; only what that does not understand goes through the slower expressions.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache

import duckdb

from kpi_pipeline.contracts.spelling import HYPHENS, NO_LETTERS, ONE_LETTER, fold
from kpi_pipeline.warehouse.calendar import jalali_months
from kpi_pipeline.warehouse.connection import literal

JALALI = "jalali"
"""The format of Jalali dates: year, month and day in any digits, with ``/`` or ``-`` between; a time may follow."""

EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000}
"""Formats of moments that are counted since 1970 in UTC: the parts of a second that they count."""

_LAST_MICROSECOND = 9_000_000_000_000_000_000
"""Since 1970: the farthest that a timestamp is safely made of, some 285,000 years."""

_CLOCK = re.compile(r"%-?[HIMScXpzZ]")
_OFFSET = re.compile(r"%[zZ]")

_PERSIAN_DIGITS, _ARABIC_DIGITS = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"
_BLANKS = " \t\r\n\u00a0\u200e\u200f\ufeff"
_TRUE = ("true", "t", "yes", "y", "1", "x", "✓", "بله", "بلی", "آری", "دارد", "فعال")
_FALSE = ("false", "f", "no", "n", "0", "-", "✗", "خیر", "نه", "ندارد", "غیرفعال")


def register_calendar(connection: duckdb.DuckDBPyConnection) -> None:
    """Give `connection` the first days of the Jalali months 1250 to 1500, which `jalali_date` looks up."""
    # one text: three thousand literals take DuckDB seventy milliseconds to parse
    connection.execute(f"set variable jalali_begins = cast(string_split('{_jalali_begins()}', ' ') as date[])")


@cache
def _jalali_begins() -> str:
    first = dt.date(1871, 3, 21)
    return " ".join(str(begin) for begin, year, _ in jalali_months(first, dt.date(2121, 4, 1)) if year >= 1250)


def tidy(text: str, *, is_plain: bool = False) -> str:
    """`text` without the blanks around it, NULL where nothing is left; Arabic yeh and kaf as the Persian letters.

    Where the whole file is known to be `is_plain` text, a space is the only blank, and there is no letter to change.
    """
    if is_plain:
        return f"nullif(trim({text}), '')"
    letters = f"replace(replace(replace({text}, 'ي', 'ی'), 'ى', 'ی'), 'ك', 'ک')"
    return f"nullif(trim({letters}, '{_BLANKS}'), '')"


def tidied(text: str) -> str:
    """`text`, a word that is known beforehand, as `tidy` makes it."""
    return text.translate(str.maketrans("يىك", "ییک")).strip(_BLANKS)


def folded(text: str) -> str:
    """`text` as names are compared: `contracts.spelling.fold`, in SQL."""
    letters = f"nfc_normalize({text})"
    for variants, letter in ONE_LETTER.items():
        letters = f"regexp_replace({letters}, {literal(variants)}, {literal(letter)}, 'g')"
    close = f"regexp_replace({letters}, {literal(NO_LETTERS)}, '', 'g')"
    return f"lower(regexp_replace({close}, '{HYPHENS}(\\pL)', '\\1', 'g'))"


def looked_up(text: str, meanings: Mapping[str, str]) -> str:
    """What `text` means in `meanings`, by words that are `folded`; NULL where it is none of them."""
    theirs = ", ".join(literal(fold(word)) for word in meanings)
    ours = ", ".join(literal(word) for word in meanings.values())
    return f"[{ours}][list_position([{theirs}], {folded(text)})]"


def latin_digits(text: str) -> str:
    """`text` with Persian and Arabic digits as 0 to 9."""
    return f"translate({text}, '{_PERSIAN_DIGITS}{_ARABIC_DIGITS}', '01234567890123456789')"


def number(text: str, decimal_mark: str = ".", beside: str = "") -> str:
    """`text` as a plain number in text: no grouping or percent mark, a point; NULL where it is no number.

    A percent is divided by 100. Grouping must be whole: ``1,234`` is a number, ``12,34`` is none. Brackets or a minus,
    before or after, mean less than zero. What may stand before or after it is `beside`, a regular expression.
    """
    group_mark = "," if decimal_mark == "." else "."
    plain = f"translate({latin_digits(text)}, '٫٬−‐', '{decimal_mark}{group_mark}--')"
    if beside:
        edges = f"^([-+(]*)\\s*(?:{beside})|(?:{beside})\\s*([-+)]*)$"
        plain = f"regexp_replace({plain}, {literal(edges)}, '\\1\\2', 'gi')"
    bare = f"regexp_replace({plain}, '([%٪\\s\\x{{00a0}}\\x{{202f}}''’])', '', 'g')"
    unsigned = "regexp_replace(bare, '^[+-]|-$|^\\(|\\)$', '', 'g')"
    group, mark = "\\" + group_mark, "\\" + decimal_mark
    shape = f"^([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)?({mark}[0-9]+)?$"
    sign = "case when regexp_matches(bare, '^-|-$|^\\(.*\\)$') then '-' else '' end"
    signed = f"{sign} || replace(replace(unsigned, '{group_mark}', ''), '{decimal_mark}', '.')"
    value = (
        f"case when not regexp_full_match(unsigned, '{shape}') or unsigned = '' then null "
        f"when regexp_matches({text}, '[%٪]') then cast(try_cast({signed} as decimal(28,10)) / 100 as text) "
        f"else {signed} end"
    )
    return _with("bare", bare, _with("unsigned", unsigned, value))


def _with(name: str, expression: str, result: str) -> str:
    """`result`, in which `name` is `expression`.

    SQL has no name for a part of an expression, and DuckDB plans each mention anew: of a wide file it is most of the
    time. A row costs more this way, so what most rows are read by does not go it.
    """
    return f"list_transform([{expression}], lambda {name}: {result})[1]"


def _first_plainly(text: str, plain: str, otherwise: str) -> str:
    """`plain`, and `otherwise` for what it did not understand; an empty value is not, and would cost as much."""
    return f"case when {text} is not null then coalesce({plain}, {otherwise}) end"


def decimal(
    text: str,
    digits: int = 18,
    places: int = 4,
    decimal_mark: str = ".",
    beside: str = "",
    cleaned_text: str | None = None,
) -> str:
    """`text` as a decimal of so many `digits`, `places` of them after the point.

    See `number` for what may stand `beside`; `cleaned_text` is what `number` makes of it, where that is known already.
    """
    cleaned = f"try_cast({cleaned_text or number(text, decimal_mark, beside)} as decimal({digits},{places}))"
    if decimal_mark != ".":
        return cleaned  # With a decimal comma nothing is plain: 1.234 would be cast as one and a bit.
    # DuckDB reads more than 18 digits a hundred times slower
    plainly = [f"try_cast({text} as decimal({narrow},{places}))" for narrow in sorted({18, digits})]
    return _first_plainly(text, ", ".join(plainly), cleaned)


def whole_number(text: str, decimal_mark: str = ".") -> str:
    """`text` as a bigint; a number with a fraction is none."""
    value = "case when value = try_cast(value as bigint) then try_cast(value as bigint) end"
    digits = f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then try_cast({text} as bigint) end"
    return _first_plainly(text, digits, _with("value", decimal(text, 38, 6, decimal_mark), value))


def real_number(text: str, decimal_mark: str = ".") -> str:
    """`text` as a double that is a number: no infinity, no NaN."""
    value = f"try_cast({text} as double)" if decimal_mark == "." else "cast(null as double)"
    cleaned = f"try_cast({number(text, decimal_mark)} as double)"
    return _first_plainly(text, f"case when isfinite({value}) then {value} end", cleaned)


def boolean(text: str) -> str:
    """`text` as a boolean, in the words of both languages."""
    words = f"lower({latin_digits(text)})"
    yes, no = (", ".join(literal(word) for word in group) for group in (_TRUE, _FALSE))
    return f"case when {words} in ({yes}) then true when {words} in ({no}) then false end"


def code(text: str) -> str:
    """`text`, a code: ``2001.0``, as programs write a whole number that they keep as a float, is ``2001``."""
    whole = f"regexp_replace({text}, '^(-?(?:0|[1-9][0-9]*))[.]0$', '\\1')"
    return f"case when suffix({text}, '.0') then {whole} else {text} end"


def is_rounded_code(given: str, read: str) -> str:
    """Whether the code that was `given`, and `read` by `code`, has lost digits: it is the same for many things.

    A spreadsheet shows long numbers as ``1.23457E+15``, and a float holds whole numbers up to 2^53 only.
    """
    shown = f"contains({read}, '+') and regexp_matches({read}, '(^|-)[0-9]([.,][0-9]+)?[eE][+][0-9]+(-|$)')"
    return f"({shown}) or (suffix({given}, '.0') and abs(try_cast({read} as hugeint)) > {2**53})"


def finite(value: str) -> str:
    """`value`, a date, NULL where it is infinite: that is no day."""
    return f"nullif(nullif({value}, date 'infinity'), date '-infinity')"


def jalali_date(text: str) -> str:
    """`text`, a Jalali date such as ۱۴۰۴/۰۸/۳۰, as a Gregorian date."""
    digits, shape = latin_digits(text), "^([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})"
    part = {
        name: f"try_cast(regexp_extract({digits}, '{shape}', {number}) as int)"
        for number, name in enumerate(("year", "month", "day"), start=1)
    }
    month_number = f"(({part['year']} - 1250) * 12 + {part['month']})"
    begins = f"getvariable('jalali_begins')[{month_number}]"
    following = f"getvariable('jalali_begins')[{month_number} + 1]"
    is_date = f"{part['month']} between 1 and 12 and {part['day']} between 1 and cast({following} - {begins} as int)"
    return f"case when {is_date} then {begins} + ({part['day']} - 1) end"


def date(text: str, zone: str, written: str | None = None) -> str:
    """`text` as a date, `written` in a strptime format, as ``jalali``, or, where not given, as ISO 8601.

    A moment becomes the business day that it falls on in `zone`. One at midnight, as it is written, is no moment but a
    day, which many tools write with a clock behind it.
    """
    if written is None:
        in_other_digits = _with("latin", latin_digits(text), _iso_date("latin", zone))
        return finite(_first_plainly(text, _iso_date(text, zone), in_other_digits))
    if written == JALALI:
        return jalali_date(text)
    if written in EPOCHS:
        return day_of_utc(moment(text, written), zone)
    parsed = f"try_strptime({latin_digits(text)}, {literal(written)})"
    if _CLOCK.search(written) is None:
        return f"cast({parsed} as date)"
    in_zone = business_day(f"try_cast({parsed} as timestamptz)", zone)
    if _OFFSET.search(written):
        return in_zone
    return f"case when {parsed} = date_trunc('day', {parsed}) then cast({parsed} as date) else {in_zone} end"


def _iso_date(text: str, zone: str) -> str:
    """A day without a clock is cast plainly; the cast would drop a clock and its offset without a word."""
    as_moment = _zoned(text)
    is_midnight = f"regexp_matches({text}, '^[^ T]+[ T]0?0:00(:00([.]0+)?)?([^0-9.:]|$)')"
    day = f"case when {is_midnight} then try_cast(regexp_extract({text}, '^[^ T]+') as date) "
    day += f"else {business_day(as_moment, zone)} end"
    return f"case when length({text}) <= 10 then try_cast({text} as date) when {as_moment} is not null then {day} end"


def business_day(value: str, zone: str) -> str:
    """The day on which `value`, a timestamptz, falls in `zone`."""
    return f"cast(timezone({literal(zone)}, {value}) as date)"


def day_of_utc(value: str, zone: str) -> str:
    """The business day of `value`, a timestamp in UTC; at midnight it is a day and no moment."""
    in_zone = business_day(f"timezone('UTC', {value})", zone)
    return f"case when {value} = date_trunc('day', {value}) then cast({value} as date) else {in_zone} end"


def day_of_local(value: str, zone: str) -> str:
    """The business day of `value`, a timestamp in the session's time zone; at midnight it is a day and no moment."""
    in_zone = business_day(f"cast({value} as timestamptz)", zone)
    return f"case when {value} = date_trunc('day', {value}) then cast({value} as date) else {in_zone} end"


def moment(text: str, written: str | None = None) -> str:
    """`text` as a timestamp in UTC. A value without an offset is in the time zone of the connection's session."""
    if written is None:
        return in_utc(_first_plainly(text, _zoned(text), _with("latin", latin_digits(text), _zoned("latin"))))
    if written in EPOCHS:
        counted, factor = f"try_cast({latin_digits(text)} as bigint)", 1_000_000 // EPOCHS[written]
        last = _LAST_MICROSECOND // factor
        return f"case when {counted} between -{last} and {last} then make_timestamp({counted} * {factor}) end"
    if written == JALALI:
        day = jalali_date(text)
        clock = f"regexp_extract({latin_digits(text)}, '([0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}})?)\\s*$', 1)"
        time = f"coalesce(try_cast(nullif({clock}, '') as time), time '00:00:00')"
        return in_utc(f"cast({day} + {time} as timestamptz)")
    given = latin_digits(text)
    if written.endswith("GMT%z"):
        # as browsers write it, GMT+2 or GMT+3:30: strptime asks for two digits of hours
        given = f"regexp_replace({given}, 'GMT([+-])([0-9])(:|$)', 'GMT\\10\\2\\3')"
    return in_utc(f"try_cast(try_strptime({given}, {literal(written)}) as timestamptz)")


def _zoned(text: str) -> str:
    """`text`, ISO 8601 with or without an offset or the name of a time zone, as a timestamptz.

    Values with a name are cast apart: DuckDB 1.5 hands the zone of one row on to those after it that have none.
    """
    is_named = f"regexp_matches({text}, '[A-Za-z]{{2}}')"
    plainly = f"try_cast(case when not {is_named} then {text} end as timestamptz)"
    return f"coalesce({plainly}, case when {is_named} then try_cast({text} as timestamptz) end)"


def in_utc(value: str) -> str:
    """`value`, a timestamptz, as a timestamp in UTC, NULL where it is infinite: that is no moment.

    By its microseconds: ``timezone('UTC', value)`` asks the calendar of the time zones, which costs as much as parsing.
    """
    return f"make_timestamp(epoch_us({value}))"


def json_name(key: str) -> str:
    """`key` as it stands in a path of DuckDB's JSON functions."""
    return json.dumps(key, ensure_ascii=False)
