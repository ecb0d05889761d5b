"""What a file says about the currency of its money, before its rows are looked at.

The nearest to the number says it: a mark in its cell (``€1,250``), the file's currency column, a mark in the header
(``Cost (EUR)``), the claim of the layout, and where nothing says anything it is the reporting currency. A column and a
mark that contradict each other say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kpi_pipeline.contracts.currencies import (
    CURRENCY_NAMED,
    REPORTING,
    CurrencyColumn,
    folded_mark,
    marked_in_header,
    marks,
    meant_by,
)
from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.columns import base_header, headers_asked_for

NO_CURRENCY, NO_RATE = "_currency", "_rate"
"""In the place of a column, what is wrong with a row: nobody can say what its money is in, or what that is worth."""

_CURRENCY_HEADERS = {
    "currency", "currencycode", "currencyisocode", "currencyofvalue", "ارز", "نوعارز", "واحدارز", "واحدپول",
}  # fmt: skip


def as_the_file_says(layout: Layout, entity: Entity, headers: Sequence[str]) -> Layout:
    """`layout` with what the `headers` of a file add to it: the currency that one names, and a column of currencies.

    Raises:
        UnreadableFileError: a header names a currency that nobody knows, or two name one each.
    """
    if not entity.money:
        return layout
    named = {name: _named(header, headers) for name, header in layout.columns.items() if _names_currency(header)}
    if named:
        layout = layout.model_copy(update={"columns": {**layout.columns, **named}})
    told = layout.currency
    if told == REPORTING or (isinstance(told, CurrencyColumn) and base_header(told.header, list(headers)) in headers):
        return layout
    asked_for = headers_asked_for(layout)
    for header in headers:
        if _is_of_currencies(header) and header not in asked_for:
            column = told if isinstance(told, CurrencyColumn) else CurrencyColumn(header=header, otherwise=told)
            return layout.model_copy(update={"currency": column.model_copy(update={"header": header})})
    return layout


def _is_of_currencies(header: str) -> bool:
    """Whether a column says what the amounts are in; what stands before a dash is the thing that has them."""
    name = header.rpartition(" - ")[2].lower()
    return re.sub(r"[\s_\u200c-]+", "", name) in _CURRENCY_HEADERS


def _names_currency(header: object) -> bool:
    return isinstance(header, str) and CURRENCY_NAMED in header


def _named(declared: object, headers: Sequence[str]) -> str:
    """Which of the `headers` is the `declared` one, with a currency in it."""
    assert isinstance(declared, str)
    found = [header for header in headers if _is_meant(header, declared)]
    if len(found) > 1:
        raise UnreadableFileError(f"it has the columns {' and '.join(found)}, each in its currency; export one of them")
    if found and marked_in_header(found[0], "") is None:
        raise UnreadableFileError(f"its column {found[0]} names no currency that can be read; write an ISO 4217 code")
    return found[0] if found else declared


def _is_meant(header: str, declared: str) -> bool:
    """Whether `header`, however spelled, is the `declared` one with some currency in it."""
    pattern = re.escape(fold(declared)).replace(re.escape(fold(CURRENCY_NAMED)), "[^()]{1,12}")
    return re.fullmatch(pattern, fold(header)) is not None


def with_named_currencies(names: Sequence[str], layout: Layout) -> set[str]:
    """The `names` of a header, and those of the layout's names with a currency in them that one of them is."""
    declared = [header for headers in layout.headers.values() for header in headers if CURRENCY_NAMED in header]
    return {*names, *(each for each in declared if any(_is_meant(name, each) for name in names))}


def claim_of(column: Column, layout: Layout, reporting: str) -> str:
    """What `column` is in where neither a cell nor a row says anything."""
    said = layout.currency.otherwise if isinstance(layout.currency, CurrencyColumn) else layout.currency
    claim = reporting if said is None or said == REPORTING else said
    return said_by_header(column, layout, claim) or claim


def said_by_header(column: Column, layout: Layout, claim: str) -> str | None:
    """The currency that the header of `column` names, in a file that is in `claim`."""
    named = (marked_in_header(header, claim) for header in layout.headers.get(column.name, []))
    return next((currency for currency in named if currency), None)


def claims_other_currency(entity: Entity, layout: Layout, reporting: str) -> bool:
    """Whether a file of `layout` is in another currency, if it does not say itself that it is not."""
    return any(claim_of(column, layout, reporting) != reporting for column in entity.money)


def meaning_of(
    mark: str | None, word: str | None, column: Column, layout: Layout, reporting: str
) -> tuple[str | None, str | None]:
    """The currency of an amount, or why nobody can say it.

    Args:
        mark: what stands beside it in its cell.
        word: what the row says in the file's column of currencies.
        column: the column of the amount.
        layout: that of the file.
        reporting: the reporting currency.
    """
    claim = claim_of(column, layout, reporting)
    header = layout.currency.header if isinstance(layout.currency, CurrencyColumn) else ""
    of_row = meant_by(word, claim) if word else None
    if word and of_row is None:
        return None, f"{word} in {header} is no currency that can be read; write an ISO 4217 code, such as EUR"
    if mark:
        code = meant_by(mark, of_row or claim)
        known = marks().get(folded_mark(mark))
        if known is None:
            return None, f"{mark} is no currency that can be read; write an ISO 4217 code, such as EUR"
        if code is None:
            either = " or ".join(known.codes)
            return None, f"{mark} may be {either}; write the code, or let the layout say it: currency: {known.codes[0]}"
        if of_row and code != of_row:
            return None, f"the cell says {code}, and {header} says {of_row}; correct one of them"
        return code, None
    said = said_by_header(column, layout, reporting)
    if of_row and said and of_row != said:
        return None, (
            f"its header says {said}, and {header} says {of_row}; if the amount is converted already, a layout says so "
            f"with currency: {said}, or reporting"
        )
    return of_row or claim, None


def currency_header(layout: Layout, headers: Sequence[str]) -> str | None:
    """The header of the file that says the currency of each row, if it has one."""
    if not isinstance(layout.currency, CurrencyColumn):
        return None
    header = layout.currency.header
    return header if base_header(header, list(headers)) in headers else None


def marks_of(currency: str) -> str:
    """Regular expression of the marks that mean `currency` without any doubt, in a file that is in it."""
    own = sorted((mark for mark in marks() if meant_by(mark, currency) == currency), key=len, reverse=True)
    return "|".join(re.escape(mark) + ("[.]?" if mark.isalpha() and len(mark) < 3 else "") for mark in own)
