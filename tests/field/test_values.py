"""Values as people have them: right, or held back with a sentence that says what would read them."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from company import Company
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad

CASES = Path(__file__).parent
ORDERS = "order_id,customer_id,ordered_at,status,revenue\n"
SUBSCRIPTIONS = "subscription_id,customer_id,plan,started_on,ended_on,monthly_amount\n"


def company_of(case: str, folder: Path, **settings: str) -> Company:
    shutil.copytree(CASES / case / "exports", folder / "exports")
    return Company.at(folder, **settings)


def declare_shop(folder: Path, ordered_at: str) -> None:
    (folder / "layouts").mkdir()
    (folder / "layouts" / "shop.yml").write_text(
        "layouts:\n  - {name: shop, entity: orders, files: crm/our_shop*, format: csv, "
        "columns: {order_id: Id, ordered_at: Day, status: Status, revenue: Sum}, "
        f"formats: {{ordered_at: {ordered_at}}}}}\n",
        encoding="utf-8",
    )


def loads_of(company: Company) -> dict[str, FileLoad]:
    """What became of each file; every row of each is accounted for."""
    loads = {load.file.rpartition("/")[2]: load for load in ingest(company.settings).files}
    for load in loads.values():
        assert load.rows_read == load.rows_typed + load.rows_left_out + load.rows_quarantined + load.rows_refused
    return loads


def reasons_of(company: Company) -> list[str]:
    return [reason for (reason,) in company.ask_warehouse("select reason from raw.quarantine order by file, line")]


# --- a moment in a date column is a business day ---


def test_a_deal_is_closed_on_the_business_day_and_not_on_that_of_utc(tmp_path: Path) -> None:
    company = company_of("b10_hubspot_close_moment", tmp_path, timezone="Europe/Berlin")

    assert {load.rows_quarantined for load in loads_of(company).values()} == {0}
    assert company.ask_warehouse(
        "select distinct opportunity_id, closed_on from raw.opportunities where opportunity_id in ('9001', '9002')"
        " order by 1"
    ) == [("9001", dt.date(2026, 4, 1)), ("9002", dt.date(2026, 3, 20))]


@pytest.mark.parametrize(
    ("written", "zone", "day"),
    [
        ("2024-02-29", "Asia/Tehran", 29),
        ("2024-02-29T21:30:00Z", "Asia/Tehran", 1),
        ("2024-02-29T21:30:00.000Z", "America/New_York", 29),
        ("2024-03-01 02:00:00+00", "America/New_York", 29),
        ("2024-02-29 21:30:00 UTC", "Asia/Tehran", 1),
        # without an offset it is the company's own clock
        ("2024-02-29 21:30:00", "Asia/Tehran", 29),
        ("۲۰۲۴-۰۲-۲۹ ۲۱:۳۰:۰۰", "Asia/Tehran", 29),
        # midnight is how tools write a day
        ("2024-03-01T00:00:00.000Z", "America/New_York", 1),
        ("2024-03-01 00:00", "America/New_York", 1),
    ],
)
def test_a_moment_in_a_date_column_is_its_business_day(written: str, zone: str, day: int, tmp_path: Path) -> None:
    company = Company.at(tmp_path, timezone=zone)
    company.write("crm/subscriptions.csv", SUBSCRIPTIONS + f"s1,c1,basic,{written},,10\n")
    loads_of(company)

    [(started_on,)] = company.ask_warehouse("select started_on from raw.subscriptions")
    assert started_on == (dt.date(2024, 2, 29) if day == 29 else dt.date(2024, 3, 1))


def test_moments_that_stripe_counts_in_utc_are_business_days_and_its_midnights_days(tmp_path: Path) -> None:
    company = Company.at(tmp_path, timezone="Asia/Tehran")
    company.write(
        "crm/stripe_subscriptions_2024-03-31.csv",
        "id,Customer ID,Plan,Quantity,Interval,Amount,Status,Start Date (UTC),Ended At (UTC)\n"
        "s1,c1,basic,1,month,10,canceled,2024-01-15 00:00,2024-02-29 21:30\n",
    )
    loads_of(company)

    assert company.ask_warehouse("select started_on, ended_on from raw.subscriptions") == [
        (dt.date(2024, 1, 15), dt.date(2024, 3, 1))
    ]


@pytest.mark.parametrize(
    ("moments", "day"),
    [
        (pa.array([dt.datetime(2024, 2, 29, 21, 30)], pa.timestamp("us", tz="UTC")), dt.date(2024, 3, 1)),
        (pa.array([dt.datetime(2024, 2, 29, 21, 30)], pa.timestamp("ms")), dt.date(2024, 2, 29)),
        (pa.array([dt.datetime(2024, 2, 29)], pa.timestamp("ns")), dt.date(2024, 2, 29)),
        (pa.array([dt.date(2024, 2, 29)]), dt.date(2024, 2, 29)),
    ],
)
def test_the_same_holds_for_what_parquet_brings_typed(moments: pa.Array, day: dt.date, tmp_path: Path) -> None:
    company = Company.at(tmp_path, timezone="Asia/Tehran")
    path = company.write("crm/subscriptions.parquet", "")
    columns = {"subscription_id": ["s1"], "customer_id": ["c1"], "plan": ["basic"], "monthly_amount": ["10"]}
    pq.write_table(pa.table({**columns, "started_on": moments}), path)
    loads_of(company)

    assert company.ask_warehouse("select started_on from raw.subscriptions") == [(day,)]


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(["", " America/New_York", " Europe/Berlin", " UTC", "Z", "+05:30"]), min_size=1, max_size=30
    )
)
def test_the_zone_of_a_row_is_never_that_of_another(tmp_path_factory: pytest.TempPathFactory, zones: list[str]) -> None:
    company = Company.at(tmp_path_factory.mktemp("zones"), timezone="Asia/Tehran")
    lines = [f"o{number},c1,2026-01-01 02:00:00{zone},completed,1\n" for number, zone in enumerate(zones)]
    company.write("crm/orders.csv", ORDERS + "".join(lines))
    loads_of(company)

    utc = {"": (31, 22, 30), " America/New_York": (1, 7, 0), " Europe/Berlin": (1, 1, 0), "+05:30": (31, 20, 30)}
    expected = []
    for zone in zones:
        day, hour, minute = utc.get(zone, (1, 2, 0))
        expected.append((dt.datetime(2026 if day == 1 else 2025, 1 if day == 1 else 12, day, hour, minute),))
    found = company.ask_warehouse("select ordered_at from raw.orders order by cast(order_id[2:] as int)")
    assert found == expected


# --- days that no business means ---


def test_years_of_two_digits_and_of_another_calendar_are_refused_with_what_would_read_them(tmp_path: Path) -> None:
    company = company_of("f08_two_digit_years_and_jalali", tmp_path)

    loads = loads_of(company)

    assert {(load.status, load.rows_loaded) for load in loads.values()} == {("refused", 0)}
    assert "a layout reads it with formats: {ordered_at: jalali}" in loads["orders_1405-06.csv"].reason
    assert 'formats: {ordered_at: "%d/%m/%y" or "%m/%d/%y"}' in loads["orders_2026-09.csv"].reason
    assert 'formats: {date: "%m/%d/%y"}' in loads["sheet_marketing_spend_2026.csv"].reason


def test_a_day_far_outside_the_calendar_costs_its_row_and_history_and_never_stay(tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share="0.9")
    company.write(
        "crm/subscriptions.csv",
        SUBSCRIPTIONS + "s1,c1,basic,1985-03-01,9999-12-31,10\ns2,c1,basic,0026-09-01,,10\n"
        "s3,c1,basic,2024-01-01,0001-01-01,10\ns4,c1,basic,2926-09-01,,10\n",
    )

    assert loads_of(company)["subscriptions.csv"].rows_loaded == 1
    outside = "it is not in, or near, the calendar from 2000-01-01 to 2049-12-31"
    assert [outside in reason for reason in reasons_of(company)] == [True, True, True]


def test_a_gregorian_day_in_a_jalali_column_says_so(tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share="0.9", company=tmp_path)
    declare_shop(tmp_path, ordered_at="jalali")
    company.write("crm/our_shop.csv", "Id,Day,Status,Sum\no1,1405/06/10,completed,1\no2,2026-09-02,completed,2\n")

    assert loads_of(company)["our_shop.csv"].rows_loaded == 1
    assert "its year is Gregorian; a layout reads it without formats: {ordered_at: jalali}" in reasons_of(company)[0]


def test_a_count_that_overflows_costs_its_row_and_not_its_file(tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share="0.9", company=tmp_path)
    declare_shop(tmp_path, ordered_at="epoch_s")
    days = ("1709242200", "9223372036854775807", "-9223372036854775808", "1709242200000")
    lines = [f"o{number},{day},completed,1\n" for number, day in enumerate(days)]
    company.write("crm/our_shop.csv", "Id,Day,Status,Sum\n" + "".join(lines))

    load = loads_of(company)["our_shop.csv"]

    assert (load.status, load.rows_loaded, load.rows_quarantined) == ("loaded", 1, 3)
    assert "counted as epoch_s it is a time that no business has" in reasons_of(company)[2]


# --- codes ---


def test_ids_that_a_spreadsheet_has_rounded_are_no_key(tmp_path: Path) -> None:
    company = company_of("b05_excel_rounded_ids", tmp_path)

    load = loads_of(company)["orders_2025-11.csv"]

    assert (load.status, load.rows_loaded, load.rows_quarantined) == ("refused", 0, 3)
    assert "'1.23457E+15' is no whole code: a spreadsheet or a float has rounded it" in load.reason


def test_a_whole_number_as_a_float_is_the_same_code(tmp_path: Path) -> None:
    company = company_of("b06_whole_numbers_as_floats", tmp_path)
    company.write(
        "crm/orders_json.jsonl",
        '{"order_id": "J1", "customer_id": 2001.0, "ordered_at": "2025-12-05", "status": "completed", "revenue": 1}\n',
    )
    company.write("crm/orders_csv.csv", ORDERS + "E1,2001.0,2025-12-06,completed,1\nE2,v2.0,2025-12-06,completed,1\n")
    loads_of(company)

    assert company.ask_warehouse("select customer_id from raw.orders order by order_id") == [
        ("2001",), ("v2.0",), ("2001",), ("2001",), ("2001",), (None,),
    ]  # fmt: skip


def test_a_float_that_is_too_long_to_be_exact_is_no_code(tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share="0.9")
    company.write(
        "crm/orders.csv", ORDERS + "9007199254740993.0,c,2025-12-06,completed,1\n7.0,c,2025-12-06,completed,1\n"
    )

    assert loads_of(company)["orders.csv"].rows_quarantined == 1
    assert company.ask_warehouse("select order_id from raw.orders") == [("7",)]


def test_long_ids_stay_as_they_are(tmp_path: Path) -> None:
    for case in ("bP3_workbook_ids_and_parquet_zone", "bP4_json_big_ids_mac_workbook"):
        company = company_of(case, tmp_path / case, timezone="Europe/Berlin")
        assert {load.rows_quarantined for load in loads_of(company).values()} == {0}
    assert company.ask_warehouse("select order_id from raw.orders where order_id > '1' and order_id < 'A'") == [
        ("9007199254740992",), ("9007199254740993",), ("12345678901234567890123",), ("12345678901234567890124",),
    ]  # fmt: skip


# --- numbers that could be others ---


def test_money_whose_points_may_group_thousands_waits_for_a_layout_that_says_so(tmp_path: Path) -> None:
    company = company_of("b25_european_thousands", tmp_path)

    load = loads_of(company)["orders_eu_2025-11.csv"]

    assert load.status == "refused"
    assert "in column revenue each of the 2 numbers with a point has three digits after it" in load.reason
    assert 'with decimal_mark: "," 2.500 is 2500' in load.reason


@pytest.mark.parametrize(
    ("revenues", "status", "said"),
    [
        (["2.500", "1.25"], "loaded", ""),
        (["0.125", "2.500"], "loaded", ""),
        (['"2,500.000"', "2.500"], "loaded", ""),
        (["12.50", "3.99", "100"], "loaded", ""),
        (["2.500 $", "1.250 $"], "refused", "in column revenue each of the 2 numbers with a point has three digits"),
        (["2.500 $", "100"], "loaded", "in column revenue each of the 1 numbers with a point has three digits"),
        (["2.500 $", '"1.234,56 $"'], "refused", "has '1.234,56 $', where the comma is the decimal mark"),
        (["2.500", '"1.234,56"'], "refused", "has '1.234,56', where the comma is the decimal mark"),
        (["12%", "0.2"], "loaded", ""),
        (["12%", "15"], "loaded", "has 1 values with a percent mark, which are divided by 100, and 1 over 1 without"),
    ],
)
def test_a_column_shows_how_its_numbers_are_meant(revenues: list[str], status: str, said: str, tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share="0.9")
    lines = [f"o{number},c,2025-12-06,completed,{revenue}\n" for number, revenue in enumerate(revenues)]
    company.write("crm/orders.csv", ORDERS + "".join(lines))

    load = loads_of(company)["orders.csv"]

    assert load.status == status
    assert said in load.warnings + load.reason
    assert bool(said) == bool(load.warnings + load.reason)
