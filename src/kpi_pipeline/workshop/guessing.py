"""Guesses about a file that no layout reads: what its rows are, which header is which column, how values are written.

A guess is a suggestion for a person, never read by anything else.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.spelling import fold

NEAR = 0.86
"""How alike two names must be to be taken for one, mistyped or put into the plural."""

DATE_FORMATS = tuple(
    f"{day}{time}"
    for day in (
        "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%y", "%d/%m/%y",
        "%m/%d/%y", "%d/%b/%y", "%d/%b/%Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    )
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M %p")
)  # fmt: skip
"""How tools write days and moments, other than in ISO 8601."""

CURRENCIES: Mapping[str, str] = {
    "€": "EUR", "EUR": "EUR", "$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP", "¥": "JPY", "JPY": "JPY",
    "CHF": "CHF", "ریال": "IRR", "﷼": "IRR", "IRR": "IRR", "تومان": "IRT", "IRT": "IRT",
}  # fmt: skip

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?")
_JALALI = re.compile(r"1[2-4]\d\d[-/]\d{1,2}[-/]\d{1,2}( .*)?")
_NUMBER = re.compile(r"[+-]?\(?[\d.,\s'٬٫\u00a0\u202f]*\d[\d.,\s'٬٫\u00a0\u202f]*\)?%?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}|[+-]?\d{1,3}(\.\d{3})+,\d+")
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_EPOCHS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us"}


@dataclass(frozen=True)
class Written:
    """How the values under one header look."""

    kind: str
    """day, moment, number, word, text or nothing"""
    formats: tuple[str, ...] = ()
    """Of days and moments: every format that reads all of them; none is ISO 8601."""
    has_decimal_comma: bool = False
    currency: str = ""


def written(values: Iterable[str]) -> Written:
    """How these `values` are written."""
    given = [value.strip().translate(_LATIN) for value in values if value.strip()]
    if not given:
        return Written("nothing")
    if all(_ISO.fullmatch(value) for value in given):
        return Written("moment" if any(":" in value for value in given) else "day")
    if all(_JALALI.fullmatch(value) for value in given):
        return Written("moment" if any(":" in value for value in given) else "day", ("jalali",))
    if formats := tuple(each for each in DATE_FORMATS if all(_reads(value, each) for value in given)):
        return Written("moment" if "%H" in formats[0] or "%I" in formats[0] else "day", formats)
    if all(value.isdigit() and len(value) in _EPOCHS for value in given) and given[0][0] == "1":
        return Written("moment", (_EPOCHS[len(given[0])],))
    currency = next((code for mark, code in CURRENCIES.items() if any(mark in value for value in given)), "")
    bare = [_without_currency(value) for value in given]
    numbers = [value for value in bare if _NUMBER.fullmatch(value)]
    if len(numbers) >= max(1, 0.7 * len(bare)):
        return Written("number", (), any(_DECIMAL_COMMA.fullmatch(value) for value in numbers), currency)
    return Written("word" if len(set(given)) <= max(1, len(given) // 2) else "text")


def _without_currency(value: str) -> str:
    for mark in CURRENCIES:
        value = value.replace(mark, "")
    return value.strip()


def _reads(value: str, written_as: str) -> bool:
    try:
        dt.datetime.strptime(value, written_as)
    except ValueError:
        return False
    return True


def vocabulary(entities: Iterable[Entity]) -> dict[str, dict[str, str]]:
    """Entity: what its columns are called, folded, by us and by every tool that is known; and the column."""
    words: dict[str, dict[str, str]] = {}
    for entity in entities:
        known: dict[str, str] = {}
        for layout in entity.layouts:
            for name, headers in layout.headers.items():
                for header in headers if not isinstance(layout.columns[name], list) else ():
                    known.setdefault(fold(header), name)
        one = fold(entity.name.removesuffix("s"))
        for column in entity.columns:
            known.setdefault(one + fold(column.name), column.name)
            if [column.name] == entity.key and column.name.endswith("_id"):
                known |= {one + number: column.name for number in ("number", "no", "nr", "code")} | {"id": column.name}
        words[entity.name] = known | {fold(column.name): column.name for column in entity.columns}
    return words


def guessed_columns(entity: Entity, headers: Sequence[str], words: Mapping[str, str]) -> dict[str, str]:
    """Column: the header that it may come from, by its name; the exact names first."""
    found: dict[str, str] = {}
    for cutoff in (1.0, NEAR):
        for header in headers:
            near = difflib.get_close_matches(fold(header), words, n=1, cutoff=cutoff) if fold(header) else []
            if near and words[near[0]] not in found and header not in found.values():
                found[words[near[0]]] = header
    return {column.name: found[column.name] for column in entity.columns if column.name in found}


def guessed_entity(
    entities: Sequence[Entity], headers: Sequence[str], words: Mapping[str, Mapping[str, str]]
) -> Entity | None:
    """The entity of which most columns seem to be there, those that it needs more than others; None where none are."""

    def likely(entity: Entity) -> tuple[float, int]:
        found = guessed_columns(entity, headers, words[entity.name])
        required = [column for column in entity.columns if column.required]
        share = sum(column.name in found for column in required) / max(len(required), 1)
        return share + len(found) / max(len(headers), 1), len(found)

    best = max(entities, key=likely)
    return best if guessed_columns(best, headers, words[best.name]) else None


def fits_kind(column: Column, how: Written) -> bool:
    """Whether values that look like this can stand in `column`."""
    if column.data_type in ("date", "timestamp"):
        return how.kind in ("day", "moment", "nothing")
    if column.data_type in ("bigint", "double", "decimal(18,4)"):
        return how.kind in ("number", "nothing")
    return True
