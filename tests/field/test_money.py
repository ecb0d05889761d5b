"""Money of several currencies: converted by the table of rates, or held back with the line that the table lacks."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from company import Company

from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad

CASES = Path(__file__).parent
RATES = (
    "currency,valid_from,rate\nEUR,2025-12-01,1.20\nEUR,2026-02-06,1.10\nEUR,2026-08-01,1.05\n"
    "GBP,2026-01-01,1.30\nJPY,2026-01-01,0.0065\nIRR,2026-01-01,0.000001\n"
)


def company_of(case: str, folder: Path, rates: str = "", **settings: str) -> Company:
    shutil.copytree(CASES / case / "exports", folder / "exports")
    if rates:
        (folder / "rates.csv").write_text(rates, encoding="utf-8")
        return Company.at(folder, rates=folder / "rates.csv", **settings)
    return Company.at(folder, **settings)


def loads_of(company: Company) -> dict[str, FileLoad]:
    """What became of each file, by entity; every row of each is accounted for."""
    loads = {load.entity: load for load in ingest(company.settings).files}
    for load in loads.values():
        assert load.rows_read == load.rows_typed + load.rows_left_out + load.rows_quarantined + load.rows_refused
    return loads


def reasons_of(company: Company) -> list[tuple[str, str]]:
    return company.ask_warehouse("select column_name, reason from raw.quarantine order by entity, line")


def test_orders_and_ads_in_other_currencies_are_converted_by_the_rate_of_their_day(tmp_path: Path) -> None:
    company = company_of("b08_currencies", tmp_path, RATES, timezone="Europe/Berlin")
    loads = loads_of(company)

    assert company.ask_warehouse("select order_id, revenue from raw.orders order by 1") == [
        ("562010", Decimal(50)), ("562011", Decimal(110)),
    ]  # fmt: skip
    assert company.ask_warehouse("select spend from raw.ad_performance") == [(Decimal(120),)]
    assert company.ask_warehouse("select unit_price, revenue from raw.order_lines order by order_id") == [
        (Decimal(50), Decimal(50)), (Decimal(110), Decimal(110)),
    ]  # fmt: skip
    assert "1 row in EUR converted to USD by rates.csv (1.1)" in loads["orders"].warnings
    assert "1 row in EUR converted to USD by rates.csv (1.2)" in loads["ad_performance"].warnings


def test_without_a_rate_the_rows_are_held_with_the_line_that_would_convert_them(tmp_path: Path) -> None:
    company = company_of("b08_currencies", tmp_path, timezone="Europe/Berlin")
    loads = loads_of(company)

    assert {name: load.status for name, load in loads.items()} == dict.fromkeys(loads, "refused")
    assert (
        "EUR on 2026-02-06: no rate in rates.csv (KPI_RATES); add a line `EUR,2026-02-01,<what 1 EUR is in USD>`"
        in loads["orders"].reason
    )
    assert set(reasons_of(company)) == {
        (column, f"EUR on {day}: no rate in rates.csv (KPI_RATES); add a line `EUR,{day[:8]}01,<what 1 EUR is in USD>`")
        for column, day in (("revenue", "2026-02-06"), ("spend", "2025-12-10"))
    } | {
        ("discount", "EUR on 2026-02-06: no rate in rates.csv (KPI_RATES); add a line "
         "`EUR,2026-02-01,<what 1 EUR is in USD>`"),
    }  # fmt: skip


def test_the_lines_of_an_order_are_in_its_currency_though_only_the_first_says_so(tmp_path: Path) -> None:
    company = company_of("f04_shopify_orders", tmp_path, RATES, timezone="Europe/Berlin")
    loads_of(company)

    assert company.ask_warehouse("select order_id, revenue from raw.orders order by 1") == [
        ("5551", Decimal(63)), ("5552", Decimal(100)), ("5553", Decimal("31.5")),
    ]  # fmt: skip
    assert set(company.ask_warehouse("select order_id, unit_price from raw.order_lines")) == {
        ("5551", Decimal(21)), ("5552", Decimal(100)), ("5553", Decimal("31.5")),
    }  # fmt: skip


def test_a_subscription_costs_its_price_times_its_quantity_in_its_currency(tmp_path: Path) -> None:
    company = company_of("f05_stripe_subscriptions", tmp_path, RATES)
    loads = loads_of(company)

    assert company.ask_warehouse("select subscription_id, monthly_amount from raw.subscriptions order by 1") == [
        ("sub_1", Decimal(29)), ("sub_2", Decimal(290)), ("sub_3", Decimal("28.35")), ("sub_4", Decimal("29.25")),
    ]  # fmt: skip
    assert (
        "1 row in EUR converted to USD by rates.csv (1.05); 1 row in JPY converted" in loads["subscriptions"].warnings
    )


def test_subscriptions_without_rates_are_refused_with_the_currencies_named(tmp_path: Path) -> None:
    company = company_of("f05_stripe_subscriptions", tmp_path)

    assert "EUR on 2026-08-01: no rate" in loads_of(company)["subscriptions"].reason


def test_what_a_cell_says_wins_over_the_toman_of_its_layout(tmp_path: Path) -> None:
    company = company_of("f12_currency_in_the_cell", tmp_path, currency="IRR", quarantine_max_share="0.9")
    loads = loads_of(company)

    amounts = company.ask_warehouse("select amount from raw.sales_targets order by 1")
    assert [amount for (amount,) in amounts] == [Decimal(500_000), Decimal(500_000)]
    assert loads["sales_targets"].warnings == ""  # rial is what the company reports in
    assert company.ask_warehouse(
        "select column_name, reason[:6] from raw.quarantine where entity = 'sales_targets'"
    ) == [("amount", "EUR on")]


def test_every_mark_of_a_sheet_is_converted(tmp_path: Path) -> None:
    company = company_of("f12_currency_in_the_cell", tmp_path, RATES)
    loads_of(company)

    assert company.ask_warehouse("select amount from raw.marketing_spend order by date") == [
        (Decimal("1312.5"),), (Decimal(130),), (Decimal(100),), (Decimal(1),),
    ]  # fmt: skip


@pytest.mark.parametrize(("currency", "spend"), [("USD", "126.0000"), ("EUR", "120.0000")])
def test_metas_header_names_the_currency_of_the_account(currency: str, spend: str, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("currency,valid_from,rate\nEUR,2026-01-01,1.05\n", encoding="utf-8")
    rates = {"rates": tmp_path / "rates.csv"} if currency == "USD" else {}
    company = Company.at(tmp_path, currency=currency, **rates)
    company.write(
        "analytics/meta_ads_2026-09-01.csv",
        "Campaign name,Ad set name,Day,Amount spent (EUR),Impressions,Link clicks,Results\nA,B,2026-09-01,120,1,1,1\n",
    )
    load = loads_of(company)["ad_performance"]

    assert load.unnamed_columns == ""
    assert company.ask_warehouse("select spend from raw.ad_performance") == [(Decimal(spend),)]


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        ("Amount spent (Credits)", "1", "its column Amount spent (Credits) names no currency that can be read"),
        (
            "Amount spent (EUR),Amount spent (USD)", "1,2",
            "it has the columns Amount spent (EUR) and Amount spent (USD), each in its currency; export one of them",
        ),
        ("Amount", "1", "the column 'Amount spent ({currency})' is missing"),
    ],
)  # fmt: skip
def test_a_header_that_names_no_currency_or_two_refuses_the_file(
    header: str, cells: str, reason: str, tmp_path: Path
) -> None:
    company = Company.at(tmp_path)
    company.write(
        "analytics/meta_ads_2026-09-01.csv",
        f"Campaign name,Ad set name,Day,{header},Impressions,Link clicks,Results\nA,B,2026-09-01,{cells},1,1,1\n",
    )
    load = loads_of(company)["ad_performance"]

    assert load.status == "refused"
    assert load.reason.startswith(reason)


def test_rows_come_in_once_their_rate_is_there(tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("currency,valid_from,rate\n", encoding="utf-8")
    company = company_of("b08_currencies", tmp_path, quarantine_max_share="0.9").copy(tmp_path / "copy", rates=table)
    assert loads_of(company)["orders"].rows_quarantined == 1

    table.write_text("currency,valid_from,rate\nEUR,2025-12-01,1.1\n", encoding="utf-8")
    ingest(company.settings, retry=True)

    assert company.ask_warehouse("select distinct order_id, revenue from raw.orders order by 1") == [
        ("562010", Decimal(50)), ("562011", Decimal(110)),
    ]  # fmt: skip
    assert company.ask_warehouse("select count(*) from raw.quarantine") == [(0,)]
