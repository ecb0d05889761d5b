"""Currencies: what a mark stands for, and what a header names."""

from __future__ import annotations

import pytest

from kpi_pipeline.contracts.currencies import CODES, marked_in_header, marks, meant_by

GIVEN = [
    # mark, claim of the file, what it means
    ("EUR", "USD", "EUR"), ("eur", "USD", "EUR"), ("€", "USD", "EUR"), ("Euro", "USD", "EUR"), ("£", "USD", "GBP"),
    ("$", "EUR", "USD"), ("$", "CAD", "CAD"), ("$", "AUD", "AUD"), ("US$", "CAD", "USD"), ("C$", "USD", "CAD"),
    ("$USD", "CAD", "USD"), ("USD $", "CAD", "USD"), ("£", "EGP", "EGP"), ("₹", "USD", "INR"), ("kč", "USD", "CZK"),
    # may be several, and nothing says which
    ("¥", "USD", None), ("¥", "JPY", "JPY"), ("¥", "CNY", "CNY"), ("Rs.", "USD", None), ("Rs", "INR", "INR"),
    ("kr", "EUR", None), ("kr.", "DKK", "DKK"),
    # rial and toman
    ("ریال", "IRT", "IRR"), ("ريال", "USD", "IRR"), ("﷼", "IRR", "IRR"), ("ریال", "SAR", "SAR"),
    ("تومان", "IRR", "IRT"), ("تومن", "IRR", "IRT"), ("Toman", "USD", "IRT"), ("IRT", "USD", "IRT"),
    # none
    ("apples", "USD", None), ("XXX", "USD", None), ("k", "USD", None), ("", "USD", None),
]  # fmt: skip


@pytest.mark.parametrize(("mark", "claim", "meant"), GIVEN)
def test_a_mark_stands_for_a_currency_beside_the_claim_of_its_file(mark: str, claim: str, meant: str | None) -> None:
    assert meant_by(mark, claim) == meant


def test_every_mark_stands_for_currencies_and_every_code_for_itself() -> None:
    assert {code for mark in marks().values() for code in mark.codes} == CODES
    for code in CODES:
        assert {meant_by(code, claim) for claim in ("USD", "IRT", code)} == {code}


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Cost (EUR)", "EUR"), ("Amount spent (USD)", "USD"), ("Betrag [€]", "EUR"), ("مبلغ (تومان)", "IRT"),
        ("مبلغ ریال", "IRR"), ("Amount EUR", "EUR"), ("amount_usd", "USD"), ("Umsatz €", "EUR"),
        # these name none
        ("Amount", None), ("Amount in company currency", None), ("Cost (converted)", None), ("SPEND ALL", None),
        ("spend_all", None), ("Cost top", None), ("Cost / conv.", None), ("Amount (r)", None), ("مبلغ", None),
    ],
)  # fmt: skip
def test_a_header_names_a_currency(header: str, currency: str | None) -> None:
    assert marked_in_header(header, "USD") == currency
