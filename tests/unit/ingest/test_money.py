"""Money on its way in: which currency an amount is in, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from company import Company
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_pipeline.ingest import ways
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad

RATES = "EUR,2026-01-01,1.08\nEUR,2026-02-01,1.12\nGBP,2026-01-01,1.30\nCAD,2026-01-01,0.70\nJPY,2026-01-01,0.0066667\n"


@pytest.fixture
def new_shop(tmp_path: Path) -> Callable[..., Company]:
    """Found a company with these rates and a layout of orders called shop, with more fields where a test gives them."""

    def found(layout: str = "", rates: str = RATES, folder: Path = tmp_path, **given: Any) -> Company:
        own = folder / "company"
        (own / "layouts").mkdir(parents=True, exist_ok=True)
        (own / "rates.csv").write_text("currency,valid_from,rate\n" + rates, encoding="utf-8")
        (own / "layouts" / "shop.yml").write_text(
            "layouts:\n  - {name: shop, entity: orders, files: crm/our_shop*, format: csv, columns: {order_id: Id, "
            "ordered_at: Day, status: Status, revenue: Sum}, constants: {channel: web}" + layout + "}\n",
            encoding="utf-8",
        )
        return Company.at(folder, company=own, quarantine_max_share="0.9", **given)

    return found


def load(company: Company) -> FileLoad:
    [done] = ingest(company.settings).files
    assert done.rows_read == done.rows_loaded + done.rows_repeated + done.rows_quarantined + done.rows_refused
    return done


def revenue(company: Company) -> list[Decimal]:
    return [each for (each,) in company.ask_warehouse("select revenue from raw.orders order by order_id")]


def reasons(company: Company) -> list[tuple[str, str]]:
    return company.ask_warehouse("select column_name, reason from raw.quarantine order by line")


def orders(
    *sums: str, day: str = "2026-01-10", header: str = "Sum", more: str = "", cells: tuple[str, ...] = ()
) -> str:
    lines = [
        f'o{number},{day},completed,"{each}"{cells[number] if cells else ""}\n' for number, each in enumerate(sums)
    ]
    return f"Id,Day,Status,{header}{more}\n" + "".join(lines)


# --- what an amount is in ---


@pytest.mark.parametrize(
    ("cell", "currency", "claim", "value"),
    [
        ("1,250.00", "USD", "", "1250"), ("$1,250.00", "USD", "", "1250"), ("USD 1,250", "USD", "", "1250"),
        ("(1,250.00 $)", "USD", "", "-1250"), ("-$5", "USD", "", "-5"), ("$.50", "USD", "", "0.5"),
        ("€100", "USD", "", "108"), ("100 €", "USD", "", "108"), ("EUR 100", "USD", "", "108"),
        ("100 eur", "USD", "", "108"), ("(€100)", "USD", "", "-108"), ("€ -100.50", "USD", "", "-108.54"),
        ("£10", "USD", "", "13"), ("۱۰۰ یورو", "USD", "", "108"),
        # a dollar is the one of the claim
        ("$100", "USD", ", currency: CAD", "70"), ("US$100", "USD", ", currency: CAD", "100"),
        ("$100", "USD", ", currency: EUR", "100"), ("100", "USD", ", currency: EUR", "108"),
        ("¥1000", "USD", ", currency: JPY", "6.6667"), ("€100", "USD", ", currency: JPY", "108"),
        # rial and toman
        ("500", "IRR", ", currency: IRT", "5000"), ("500 ریال", "IRR", ", currency: IRT", "500"),
        ("500 تومان", "IRR", "", "5000"), ("500,000 ﷼", "IRR", "", "500000"), ("500 ریال", "IRT", "", "50"),
        ("500 Toman", "IRT", "", "500"),
    ],
)  # fmt: skip
def test_the_nearest_to_the_number_says_its_currency(
    cell: str, currency: str, claim: str, value: str, new_shop: Callable[..., Company]
) -> None:
    company = new_shop(claim, RATES if currency == "USD" else "", currency=currency)
    company.write("crm/our_shop.csv", orders(cell))

    assert load(company).rows_loaded == 1
    assert revenue(company) == [Decimal(value)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("100 XYZ", "XYZ is no currency that can be read; write an ISO 4217 code, such as EUR"),
        ("¥100", "¥ may be JPY or CNY; write the code, or let the layout say it: currency: JPY"),
        ("100 kr", "kr may be SEK or NOK or DKK or ISK; write the code, or let the layout say it: currency: SEK"),
        ("Rs.500", "Rs may be INR or PKR or LKR or NPR or MUR or SCR; write the code"),
        ("12 USD 30", ""),
        ("1.234,56 €", 'if its comma is a decimal mark, a layout reads it with decimal_mark: ","'),
        ("AED 100", "AED on 2026-01-10: no rate in rates.csv; add a line `AED,2026-01-01,<what 1 AED is in USD>`"),
        ("€9999999999999999", ""),
    ],
)
def test_what_cannot_be_told_is_held(cell: str, reason: str, new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write("crm/our_shop.csv", orders(cell, "1", "2"))

    assert load(company).rows_quarantined == 1
    [(column, told)] = reasons(company)
    assert column == "revenue"
    assert reason in told
    assert told.startswith(f"{cell!r} is no decimal(18,4)") or told == reason


@pytest.mark.parametrize("header", ["Currency", "currency_code", "ارز", "Deal - Currency of value"])
def test_a_column_of_currencies_is_read_without_being_asked_for(header: str, new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write(
        "crm/our_shop.csv",
        orders("100", "100", "€100", "$100", more=f",{header}", cells=(",USD", ",eur", ",EUR", ",CAD")),
    )
    done = load(company)

    assert revenue(company) == [Decimal(100), Decimal(108), Decimal(108), Decimal(70)]
    assert done.unnamed_columns == ""
    assert "1 row in CAD converted to USD by rates.csv (0.7); 2 rows in EUR converted to USD" in done.warnings


def test_a_column_and_a_mark_that_contradict_each_other_say_nothing(new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write("crm/our_shop.csv", orders("£100", "100", "3", more=",Currency", cells=(",EUR", ",Bitcoin", ",USD")))
    load(company)

    assert revenue(company) == [Decimal(3)]
    assert reasons(company) == [
        ("revenue", "'£100' is no decimal(18,4): the cell says GBP, and Currency says EUR; correct one of them"),
        ("revenue", "'100' is no decimal(18,4): BITCOIN in Currency is no currency that can be read; write an ISO 4217 "
         "code, such as EUR"),
    ]  # fmt: skip


def test_a_header_and_a_column_that_contradict_each_other_say_nothing(new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    shop = company.settings.company / "layouts" / "shop.yml"
    shop.write_text(shop.read_text(encoding="utf-8").replace("revenue: Sum", "revenue: Sum (GBP)"), encoding="utf-8")
    company.write(
        "crm/our_shop.csv", orders("10", "10", "€10", header="Sum (GBP)", more=",Currency", cells=(",GBP", ",EUR", ","))
    )
    load(company)

    assert revenue(company) == [Decimal(13), Decimal("10.8")]
    assert "its header says GBP, and Currency says EUR; if the amount is converted already" in reasons(company)[0][1]


def test_a_layout_may_say_that_its_amounts_are_converted_already(new_shop: Callable[..., Company]) -> None:
    company = new_shop(", currency: reporting")
    company.write("crm/our_shop.csv", orders("10", more=",Currency", cells=(",EUR",)))
    load(company)

    assert revenue(company) == [Decimal(10)]


def test_rows_that_do_not_say_what_others_say_are_told(new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write("crm/our_shop.csv", orders("10", "20", "30", more=",Currency", cells=(",EUR", ",", ",USD")))

    assert "1 row says no currency in Currency, where others say one, and is read as USD" in load(company).warnings
    assert revenue(company) == [Decimal("10.8"), Decimal(20), Decimal(30)]


def test_only_money_may_have_a_mark(new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write(
        "crm/order_lines.csv", "order_line_id,order_id,product_id,quantity,unit_price\n1,1,p,$2,$5\n2,1,p,2,$5\n"
    )
    load(company)

    assert company.ask_warehouse("select quantity, unit_price from raw.order_lines") == [(Decimal(2), Decimal(5))]


# --- what it is worth ---


def test_the_rate_is_that_of_the_business_day(new_shop: Callable[..., Company]) -> None:
    company = new_shop(timezone="Asia/Tehran")
    company.write(
        "crm/our_shop.csv",
        "Id,Day,Status,Sum\no1,2026-01-31T20:00:00Z,completed,€100\no2,2026-01-31T21:00:00Z,completed,€100\n"
        "o3,2025-12-31T10:00:00Z,completed,€100\n",
    )
    done = load(company)

    assert revenue(company) == [Decimal(108), Decimal(112)]
    assert "2 rows in EUR converted to USD by rates.csv (1.08 to 1.12)" in done.warnings
    assert reasons(company) == [
        ("revenue", "EUR on 2025-12-31: no rate in rates.csv; add a line `EUR,2025-12-01,<what 1 EUR is in USD>`")
    ]


LINES = "order_line_id,order_id,product_id,quantity,unit_price,Currency\n1,1,p,2,10,EUR\n2,1,p,2,5,USD\n"


def test_a_row_without_a_day_has_that_of_its_file_or_is_held(new_shop: Callable[..., Company]) -> None:
    company = new_shop()
    company.write("crm/order_lines.csv", LINES)
    load(company)
    assert reasons(company) == [
        ("unit_price", "EUR, and neither the row nor the name of the file says of which day; a layout says it with "
         "rated_on, or with {date:...} in files")
    ]  # fmt: skip

    company.write("crm/order_lines.csv", "")
    (company.settings.exports / "crm" / "order_lines.csv").unlink()
    company.write("crm/order_lines_2026-02-10.csv", LINES.replace("Currency", "currency"))
    load(company)
    assert set(company.ask_warehouse("select unit_price from raw.order_lines")) == {(Decimal("11.2"),), (Decimal(5),)}


def test_the_layout_may_name_the_header_of_the_day(new_shop: Callable[..., Company]) -> None:
    company = new_shop(", rated_on: Paid, formats: {rated_on: '%d.%m.%Y'}")
    company.write("crm/our_shop.csv", orders("€100", "€100", more=",Paid", cells=(",10.02.2026", ",")))
    load(company)

    assert revenue(company) == [Decimal(112), Decimal(108)]


def test_a_price_is_multiplied_by_its_quantity_once_where_there_is_none(new_shop: Callable[..., Company]) -> None:
    company = new_shop(", times: {revenue: Pieces}")
    company.write("crm/our_shop.csv", orders("10", "€10", "10", "10", more=",Pieces", cells=(",3", ",2", ",", ",few")))
    load(company)

    assert revenue(company) == [Decimal(30), Decimal("21.6"), Decimal(10)]
    assert [column for column, _ in reasons(company)] == ["revenue"]


def test_a_file_without_the_quantity_is_refused(new_shop: Callable[..., Company]) -> None:
    company = new_shop(", times: {revenue: Pieces}")
    company.write("crm/our_shop.csv", orders("10"))

    assert load(company).reason == (
        "the column 'Pieces' is missing, by which revenue is multiplied; export it with that column"
    )


CELLS = st.tuples(
    st.decimals(-(10**9), 10**9, places=3, allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "USD", "EUR", "GBP", "JPY"]),
    st.sampled_from([dt.date(2026, 1, 31), dt.date(2026, 2, 1)]),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_every_amount_is_worth_its_own_rate_rounded_once_wherever_its_currency_stands(
    tmp_path_factory: pytest.TempPathFactory, new_shop: Callable[..., Company], rows: list[tuple[Any, ...]]
) -> None:
    company = new_shop(", decimal_mark: '.'", folder=tmp_path_factory.mktemp("shop"))
    lines, expected = "Id,Day,Status,Sum,Currency\n", []
    for number, (amount, code, day, is_in_cell) in enumerate(rows):
        cell, column = (f"{code} {amount}", "") if is_in_cell else (str(amount), code)
        lines += f"o{number:02},{day},completed,{cell},{column}\n"
        by_code = {"EUR": "1.08" if day.month == 1 else "1.12", "GBP": "1.30", "JPY": "0.0066667"}
        rate = Decimal(by_code.get(code, "1"))
        expected.append((amount * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP))
    company.write("crm/our_shop.csv", lines)

    assert load(company).rows_loaded == len(rows)
    assert revenue(company) == expected


# --- the way of a file ---


@pytest.fixture
def ways_taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    taken: list[str] = []

    def noted(name: str, way: Callable[..., Any]) -> Callable[..., Any]:
        def take(*given: Any) -> Any:
            taken.append(name)
            return way(*given)

        return take

    for name in ("_straight", "_sorted_while_read", "_by_way_of_text"):
        monkeypatch.setattr(ways, name, noted(name, getattr(ways, name)))
    return taken


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("USD", "usd"), ["_straight"]),
        (("USD", "EUR"), ["_straight", "_sorted_while_read"]),
    ],
)
def test_a_file_in_the_reporting_currency_is_typed_while_it_is_read(
    cells: tuple[str, ...], expected: list[str], ways_taken: list[str], new_shop: Callable[..., Company]
) -> None:
    company = new_shop()
    rows = "".join(f"o{number},2026-01-05,completed,5,{cell}\n" for number, cell in enumerate(cells))
    company.write("crm/orders.csv", "order_id,ordered_at,status,revenue,currency\n" + rows)

    assert load(company).rows_loaded == len(cells)
    assert ways_taken == expected


def test_a_file_whose_layout_claims_another_currency_is_not_tried_in_vain(
    ways_taken: list[str], new_shop: Callable[..., Company]
) -> None:
    company = new_shop(", currency: EUR")
    company.write("crm/our_shop.csv", orders("10"))
    load(company)

    assert ways_taken == ["_sorted_while_read"]
