"""The table of rates: what a unit of another currency is worth from a day on; each wrong line is a sentence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from kpi_pipeline.contracts.rates import ALWAYS, Rate, read_rates
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.errors import ConfigurationError

HEADER = "currency,valid_from,rate\n"


def company(folder: Path, lines: str, currency: str = "USD") -> Settings:
    (folder / "rates.csv").write_text(HEADER + lines, encoding="utf-8")
    return load_settings(rates=folder / "rates.csv", currency=currency)


def test_a_rate_holds_until_the_next_of_its_currency(tmp_path: Path) -> None:
    settings = company(tmp_path, "EUR,2026-02-01,1.10\nGBP,2026-01-01,1.25\neur, 2026-01-01 ,1.08\n")

    assert read_rates(settings) == [
        Rate("EUR", dt.date(2026, 1, 1), dt.date(2026, 2, 1), Decimal("1.08")),
        Rate("EUR", dt.date(2026, 2, 1), None, Decimal("1.10")),
        Rate("GBP", dt.date(2026, 1, 1), None, Decimal("1.25")),
    ]


def test_the_table_lies_with_the_exports_or_the_company_or_where_the_setting_says(tmp_path: Path) -> None:
    assert read_rates(load_settings(company=tmp_path)) == []
    exports = tmp_path / "exports"
    exports.mkdir()
    company(exports, "CHF,2026-01-01,1.15\n")
    assert [rate.currency for rate in read_rates(load_settings(company=tmp_path, exports=exports))] == ["CHF"]
    company(tmp_path, "EUR,2026-01-01,1.08\n")

    assert [rate.currency for rate in read_rates(load_settings(company=tmp_path, exports=exports))] == ["EUR"]
    other = tmp_path / "other.csv"
    other.write_text(HEADER + "GBP,2026-01-01,1.25\n", encoding="utf-8")
    assert [rate.currency for rate in read_rates(load_settings(company=tmp_path, rates=other))] == ["GBP"]
    with pytest.raises(ConfigurationError, match=r"KPI_RATES: there is no file .*; create it, or leave it unset\."):
        load_settings(rates=tmp_path / "none.csv")


def test_rial_and_toman_need_no_rate_between_them_and_one_rate_for_both(tmp_path: Path) -> None:
    assert read_rates(load_settings(currency="IRR")) == [Rate("IRT", ALWAYS, None, Decimal(10))]
    assert read_rates(load_settings(currency="IRT")) == [Rate("IRR", ALWAYS, None, Decimal("0.1"))]

    rates = read_rates(company(tmp_path, "IRT,2026-01-01,0.00001\n"))
    assert {rate.currency: rate.rate for rate in rates} == {"IRR": Decimal("0.000001"), "IRT": Decimal("0.00001")}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("EURO,2026-01-01,1.08", "currency: 'EURO' is no currency; give an ISO 4217 code such as EUR, or IRT for the"),
        ("EUR,soon,1.08", "valid_from: Input should be a valid date"),
        ("EUR,2026-01-01,", "rate: Input should be a valid decimal."),
        ("EUR,2026-01-01,0", "rate: Input should be greater than 0."),
        ("EUR,2026-01-01,nan", "rate: Input should be "),
        ("EUR,2026-01-01", "it has fewer cells than the header has names."),
        ("USD,2026-01-01,1", "USD is the reporting currency (KPI_CURRENCY), always worth 1."),
        ("GBP,2026-01-01,1.25\nGBP,2026-01-01,1.26", "another line has a rate of GBP from 2026-01-01."),
    ],
)
def test_a_wrong_line_is_a_sentence_with_its_number(line: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_rates(company(tmp_path, line + "\n"))

    number = 1 + len(line.splitlines())
    assert str(raised.value).startswith(f"{tmp_path / 'rates.csv'} line {number}: {sentence}")
    assert str(raised.value).count("\n") == 0


def test_rates_of_rial_and_toman_are_one_too_many_and_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="keep one of them"):
        read_rates(company(tmp_path, "IRR,2026-01-01,0.000001\nIRT,2026-01-01,0.00001\n"))
    with pytest.raises(ConfigurationError, match=r"IRT is always worth 10\."):
        read_rates(company(tmp_path, "IRT,2026-01-01,11\n", currency="IRR"))
    with pytest.raises(ConfigurationError) as raised:
        read_rates(company(tmp_path, "EURO,2026-01-01,1\nEUR,soon,1\n"))
    assert str(raised.value).count("\n") == 1
