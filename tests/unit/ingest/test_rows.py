"""Ingest: what a tool writes becomes typed rows, the same ones from every format."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpi_pipeline.contracts.export import read_entities

COLUMNS = "sale_id, sold_at, paid_on, units, score, is_paid, amount, note"
CSV = (
    "sale_id,sold_at,paid_on,units,score,is_paid,amount,note\n"
    's1,2024-03-20T10:00:00+03:30,2024-03-21,3,0.5,true,1234.5678,"two\nlines, a comma and a "" quote"\n'
    "s2,2024-03-20 10:00:00,,,,,,\n"
)
ROWS = [
    ("s1", dt.datetime(2024, 3, 20, 6, 30), dt.date(2024, 3, 21), 3, 0.5, True, Decimal("1234.5678"),
     'two\nlines, a comma and a " quote'),
    ("s2", dt.datetime(2024, 3, 20, 10, 0), None, None, None, None, None, None),
]  # fmt: skip


def as_jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


SALES_AS_JSONL = as_jsonl(
    [
        {"sale_id": "s1", "sold_at": "2024-03-20T10:00:00+03:30", "paid_on": "2024-03-21", "units": 3, "score": 0.5,
         "is_paid": True, "amount": "1234.5678", "note": 'two\nlines, a comma and a " quote'},
        {"sale_id": "s2", "sold_at": "2024-03-20 10:00:00", "units": None, "note": ""},
    ]
)  # fmt: skip
SALES_AS_PARQUET = as_parquet(
    pa.table(
        {
            "sale_id": ["s1", "s2"],
            "sold_at": pa.array(
                [dt.datetime(2024, 3, 20, 6, 30, tzinfo=dt.UTC), dt.datetime(2024, 3, 20, 10, tzinfo=dt.UTC)],
                pa.timestamp("us", tz="UTC"),
            ),
            "paid_on": pa.array([dt.date(2024, 3, 21), None], pa.date32()),
            "units": pa.array([3, None], pa.int32()),
            "score": pa.array([0.5, None]),
            "is_paid": pa.array([True, None]),
            "amount": pa.array([Decimal("1234.5678"), None], pa.decimal128(12, 4)),
            "note": ['two\nlines, a comma and a " quote', None],
        }
    )
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("crm/sales.csv", CSV),
        ("crm/sales_with_bom.csv", "\ufeff" + CSV),
        ("crm/sales_crlf.csv", CSV.replace("\n", "\r\n").replace("two\r\nlines", "two\nlines")),
        ("crm/sales_without_last_newline.csv", CSV.rstrip("\n")),
        ("crm/sales.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("crm/sales.jsonl", SALES_AS_JSONL),
        ("crm/sales.ndjson.gz", gzip.compress(SALES_AS_JSONL.encode(), mtime=0)),
        ("crm/sales_with_bom.jsonl", "\ufeff" + SALES_AS_JSONL),
        ("crm/sales.json", json.dumps([json.loads(line) for line in SALES_AS_JSONL.splitlines()], indent=2)),
        ("crm/sales.json.gz", gzip.compress(("[" + SALES_AS_JSONL.replace("}\n{", "}, {") + "]").encode(), mtime=0)),
        ("crm/sales.parquet", SALES_AS_PARQUET),
    ],
)
def test_the_canonical_layout_gives_the_same_typed_rows_from_every_format(
    company: Any, name: str, content: str | bytes
) -> None:
    load = company.load(name, content)

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("loaded", 2, 0), company.quarantine()
    assert company.query(f"select {COLUMNS} from raw.sales order by sale_id") == ROWS


def test_every_row_knows_its_load_and_where_a_key_repeats_its_place_in_the_file(
    company: Any, declared_table: Callable[..., dict[str, Any]]
) -> None:
    columns = {"sale_id": "text!", "sold_at": "date!", "units": "bigint"}
    company.declare("crm", declared_table("sales", columns, rows="reports", dated_by="sold_at"))
    company.load("crm/sales_1.csv", "sale_id,sold_at,units\na,2024-01-01,1\nb,2024-01-02,2\na,2024-01-01,3\n")
    company.load("crm/sales_2.csv", "sale_id,sold_at,units\na,2024-01-04,4\n")

    assert company.query("select sale_id, units, _load, _row from raw.sales order by _load, _row") == [
        ("a", 1, 1, 1), ("b", 2, 1, 2), ("a", 3, 1, 3), ("a", 4, 2, None),
    ]  # fmt: skip


def test_text_is_trimmed_and_empty_text_is_no_value(company: Any) -> None:
    company.load("crm/sales.csv", 'sale_id,sold_at,note\n a ,2024-01-01,"  "\nb,2024-01-01,  x y \t\n')

    assert company.query("select sale_id, note from raw.sales order by 1") == [("a", None), ("b", "x y")]


def test_optional_columns_may_be_missing_from_a_canonical_file_and_come_in_any_order(company: Any) -> None:
    company.load("crm/sales.csv", "note,sold_at,sale_id\nhello,2024-01-01,a\n")

    assert company.query("select sale_id, note, units from raw.sales") == [("a", "hello", None)]


def test_the_digits_of_a_code_are_latin_and_those_of_other_text_stay(
    company: Any, declared_table: Callable[..., dict[str, Any]]
) -> None:
    company.declare("crm", declared_table("sales", {"sale_id": "code!", "note": "text"}))
    company.load("crm/sales.csv", "sale_id,note\n۱۲-A,۱۲\n")

    assert company.query("select sale_id, note from raw.sales") == [("12-A", "۱۲")]


# --- layouts of tools ---


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [("1/100", [("a", 500), ("b", Decimal("5.25")), ("c", 7)]), (None, [("a", 500), ("c", 7)])],
)
def test_a_factor_may_depend_on_another_header_and_have_a_rest(
    company: Any, otherwise: str | None, expected: list[Any]
) -> None:
    columns = {"sale_id": "text!", "sold_at": "timestamp!", "amount": "decimal(18,4)"}
    scaled = {"header": "Unit", "factors": {"JPY": 1}, "otherwise": otherwise}
    headers = {"sale_id": "Id", "sold_at": "Date", "amount": "Sum"}
    company.declare_tool(columns, columns=headers, scale_by={"amount": scaled})
    company.load("crm/tool.csv", "Id,Date,Sum,Unit\na,2024-01-01,500,JPY\nb,2024-01-01,525,EUR\nc,2024-01-01,7,JPY\n")

    assert company.query("select sale_id, amount from raw.sales order by 1") == expected


@pytest.mark.parametrize(
    "content",
    [
        '{"all": 2, "sales": [{"Id": 1, "Date": "2024-01-01"}, {"Id": 2, "Date": "2024-01-02"}], "next": {"sales": 1}}',
        '\ufeff{\n "sales" : [\n  {\n"Id": 1,\n"Date": "2024-01-01"},\n{"Id": 2, "Date": "2024-01-02"}\n]\n}\n',
        '[{"Id": 1, "Date": "2024-01-01"}, {"Id": 2, "Date": "2024-01-02"}]',
        '{"Id": 1, "Date": "2024-01-01"}\n{"Id": 2, "Date": "2024-01-02"}\n',
    ],
)
def test_the_answer_of_an_api_is_read_like_its_rows_one_a_line(company: Any, content: str) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, format="jsonl", records="sales")
    company.load("crm/tool.json", content)

    assert company.query("select sale_id, cast(sold_at as date) from raw.sales order by 1") == [
        ("1", dt.date(2024, 1, 1)), ("2", dt.date(2024, 1, 2)),
    ]  # fmt: skip


def test_a_layout_renames_sets_constants_and_translates_the_words_it_lists(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!", "status": "text!", "shop": "text"},
        columns={"sale_id": "Sale ID", "sold_at": "When", "status": "وضعیت"}, constants={"shop": "tehran's"},
        values={"status": {"پرداخت شده": "paid", "it's off": "cancelled"}},
    )  # fmt: skip
    company.load(
        "crm/tool_export.csv",
        "Sale ID,When,وضعیت\n1,2024-01-01,پرداخت شده\n2,2024-01-01,it's off\n3,2024-01-01,returned\n",
    )

    assert company.query("select sale_id, status, shop from raw.sales order by 1") == [
        ("1", "paid", "tehran's"), ("2", "cancelled", "tehran's"), ("3", "returned", "tehran's"),
    ]  # fmt: skip


def test_a_layout_reads_dates_and_times_in_the_formats_of_its_tool(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!", "paid_on": "date"},
        columns={"sale_id": "Id", "sold_at": "At", "paid_on": "Paid"},
        formats={"sold_at": "%d.%m.%Y %H:%M", "paid_on": "%m/%d/%y"}, timezone="Asia/Tehran",
    )  # fmt: skip
    company.load("crm/tool.csv", "Id,At,Paid\n1,20.03.2024 00:15,03/04/24\n2,2024-03-20 00:15,\n")

    assert company.query("select sale_id, sold_at, paid_on from raw.sales") == [
        ("1", dt.datetime(2024, 3, 19, 20, 45), dt.date(2024, 3, 4))
    ]
    assert [row[2:4] for row in company.quarantine()] == [("sold_at", "'2024-03-20 00:15' is no timestamp")]


def test_a_format_applies_to_parquet_text_and_leaves_parquet_dates_as_they_are(company: Any) -> None:
    for name, dates in (("crm/tool_1.parquet", ["05/01/2024"]), ("crm/tool_2.parquet", [dt.datetime(2024, 1, 6)])):
        company.declare_tool(
            {"sale_id": "text!", "paid_on": "date"}, format="parquet",
            columns={"sale_id": "Id", "paid_on": "Date"}, formats={"paid_on": "%d/%m/%Y"},
        )  # fmt: skip
        load = company.load(name, as_parquet(pa.table({"Id": [name], "Date": dates})))
        assert load.status == "loaded", load.reason

    assert company.query("select paid_on from raw.sales order by 1") == [(dt.date(2024, 1, 5),), (dt.date(2024, 1, 6),)]


def test_scale_turns_tomans_into_rials_exactly(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "amount": "decimal(18,4)"},
        columns={"sale_id": "Id", "amount": "Toman"}, scale={"amount": 10},
    )  # fmt: skip
    company.load("crm/tool.csv", "Id,Toman\n1,0.1\n2,1234567890123.45\n3,0.00001\n4,\n")

    assert company.query("select amount from raw.sales order by sale_id") == [
        (Decimal("1.0000"),), (Decimal("12345678901234.5000"),), (Decimal("0.0001"),), (None,),
    ]  # fmt: skip


def test_a_scaled_amount_beyond_every_number_is_quarantined_not_a_crash(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "amount": "decimal(18,4)"},
        columns={"sale_id": "Id", "amount": "Toman"}, scale={"amount": 10},
    )  # fmt: skip
    company.load("crm/tool.csv", "Id,Toman\n1,1\n2,1000000000000000000000000000\n")

    assert company.query("select amount from raw.sales") == [(Decimal("10.0000"),)]
    assert [row[3] for row in company.quarantine()] == ["'1000000000000000000000000000' is no decimal(18,4)"]


def test_a_key_made_of_two_columns_is_joined_by_a_hyphen_and_missing_where_one_is(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"},
        columns={"sale_id": ["Order", "Line"], "sold_at": "Date"},
    )  # fmt: skip
    company.load("crm/tool.csv", "Order,Line,Date\n7,1,2024-01-01\n7,2,2024-01-01\n8,,2024-01-01\n")

    assert company.query("select sale_id from raw.sales order by 1") == [("7-1",), ("7-2",)]
    assert [row[1:4] for row in company.quarantine()] == [(4, "sale_id", "sale_id is required and is empty")]


def test_a_tool_without_a_key_gets_the_hash_of_the_row_and_its_number_among_equals(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!", "note": "text"},
        columns={"sold_at": "Date", "note": "Note"}, row_key="sale_id",
    )  # fmt: skip
    company.load("crm/tool.csv", "Date,Note,Unread\n2024-01-01,a,x\n2024-01-01,a,y\n2024-01-01,a,x\n2024-01-01,,\n")

    equal = hashlib.md5(b"2024-01-01\x1fa\x1fx").hexdigest()
    other = hashlib.md5(b"2024-01-01\x1fa\x1fy").hexdigest()
    empty = hashlib.md5(b"2024-01-01\x1f\x1e\x1f\x1e").hexdigest()
    assert company.query("select sale_id from raw.sales order by _row") == [
        (f"{equal}-1",), (f"{other}-1",), (f"{equal}-2",), (f"{empty}-1",),
    ]  # fmt: skip


def test_the_same_keyless_row_has_the_same_key_in_the_next_file(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"},
        columns={"sold_at": "Date"}, row_key="sale_id",
    )  # fmt: skip
    company.load("crm/tool_1.csv", "Date\n2024-01-01\n")
    company.load("crm/tool_2.csv", "Date\n2024-01-02\n2024-01-01\n")

    assert company.query("select count(*), count(distinct sale_id) from raw.sales") == [(3, 2)]


def test_the_moment_of_the_last_change_is_the_version_of_a_row(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"}, updated_at="Changed",
        timezone="Asia/Tehran",
    )  # fmt: skip
    company.load(
        "crm/tool.csv",
        "Id,Date,Changed\n1,2024-01-01,2024-01-05 00:00:00\n2,2024-01-01,2024-01-05T00:00:00Z\n3,2024-01-01,\n",
    )

    assert company.query("select sale_id, _version_at from raw.sales order by 1") == [
        ("1", dt.datetime(2024, 1, 4, 20, 30)), ("2", dt.datetime(2024, 1, 5)), ("3", None),
    ]  # fmt: skip


def test_the_moment_of_the_last_change_has_a_format_of_its_own(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"}, updated_at="Changed",
        formats={"updated_at": "%d.%m.%Y %H:%M"}, timezone="Asia/Tehran",
    )  # fmt: skip
    company.load("crm/tool_1.csv", "Id,Date,Changed\n1,2024-01-01,05.01.2024 00:00\n")
    swapped = "Id,Date,Changed\n1,2024-01-01,05.01.2024 00:00\n2,2024-01-01,01.31.2024 1:00\n"
    mixed = company.load("crm/tool_2.csv", swapped)

    assert company.query("select _version_at from raw.sales") == [(dt.datetime(2024, 1, 4, 20, 30),)]
    assert "its column Changed mixes days and months: the layout says %d.%m.%Y %H:%M" in mixed.reason


def test_a_moment_of_change_that_is_no_time_is_quarantined_not_taken_for_the_oldest(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"}, updated_at="Changed",
    )  # fmt: skip
    company.load("crm/tool.csv", "Id,Date,Changed\n1,2024-01-01,2024-01-05\n2,2024-01-01,yesterday\n")

    assert company.query("select sale_id from raw.sales") == [("1",)]
    assert company.quarantine() == [
        ("crm/tool.csv", 3, "Changed", "'yesterday' is no timestamp", "2,2024-01-01,yesterday")
    ]


def test_the_date_in_a_files_name_is_the_version_of_its_rows(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"}, files="crm/tool_{date:%Y-%m-%d}",
    )  # fmt: skip
    company.load("crm/tool_2024-05-31.csv", "Id,Date\n1,2024-01-01\n")

    assert company.query("select _version_at from raw.sales") == [(dt.datetime(2024, 5, 31),)]
    assert company.query("select version_at from raw.loads") == [(dt.datetime(2024, 5, 31),)]


def test_a_file_name_with_an_impossible_date_is_refused_with_the_pattern(company: Any) -> None:
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "timestamp!"}, files="crm/tool_{date:%Y-%m-%d}",
    )  # fmt: skip
    load = company.load("crm/tool_2024-02-31.csv", "Id,Date\n1,2024-01-01\n")

    assert load.status == "refused"
    assert "its name should carry a date as in crm/tool_{date:%Y-%m-%d}" in load.reason


def test_a_layout_may_use_another_delimiter(company: Any) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, delimiter=";")
    company.load("crm/tool.csv", 'Id;Date\n"a;b";2024-01-01\n')

    assert company.query("select sale_id from raw.sales") == [("a;b",)]


@pytest.mark.parametrize(
    ("given", "in_utc"),
    [
        ("2024-03-20 00:00:00", dt.datetime(2024, 3, 19, 20, 30)),
        ("2024-03-20", dt.datetime(2024, 3, 19, 20, 30)),
        ("2024-03-20T00:00:00+03:30", dt.datetime(2024, 3, 19, 20, 30)),
        ("2024-03-20T00:00:00Z", dt.datetime(2024, 3, 20)),
        ("2024-03-20 00:00:00-05:00", dt.datetime(2024, 3, 20, 5)),
        # Iran had summer time until 2022
        ("2022-07-01 00:00:00", dt.datetime(2022, 6, 30, 19, 30)),
    ],
)
def test_a_time_without_offset_is_in_the_layouts_zone_and_every_time_is_stored_in_utc(
    company: Any, given: str, in_utc: dt.datetime
) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, timezone="Asia/Tehran")
    company.load("crm/tool.csv", f"Id,Date\n1,{given}\n")

    assert company.query("select sold_at from raw.sales") == [(in_utc,)]


def test_without_a_zone_of_its_own_a_layout_is_in_the_companys(new_company: Callable[..., Any]) -> None:
    tehran = new_company(timezone="Asia/Tehran")
    tehran.declare_tool({"sale_id": "text", "sold_at": "timestamp!"})
    tehran.put("crm/sales_1.csv", "sale_id,sold_at\na,2024-03-20 00:00\n")
    tehran.put("crm/sales_2.parquet", as_parquet(pa.table({"sale_id": ["b"], "sold_at": [dt.datetime(2024, 3, 20)]})))
    tehran.ingest()

    midnight = dt.datetime(2024, 3, 19, 20, 30)
    assert tehran.query("select sale_id, sold_at from raw.sales order by 1") == [("a", midnight), ("b", midnight)]


def test_parquet_of_a_type_that_is_no_such_value_is_quarantined_not_a_crash(company: Any) -> None:
    load = company.load(
        "crm/sales.parquet",
        as_parquet(
            pa.table(
                {
                    "sale_id": ["a", "b"],
                    "sold_at": pa.array([[1], None], pa.list_(pa.int32())),
                    "units": pa.array([b"x", b"y"]),
                }
            )
        ),
    )

    assert load.status == "refused"
    assert "2 of its 2 rows cannot be loaded" in load.reason


# --- the declarations that ship ---


def test_every_entity_of_the_project_becomes_a_table_with_its_columns_and_types(
    new_company: Callable[..., Any], real_project: Path
) -> None:
    company = new_company(project=real_project)
    company.ingest()
    entities = read_entities(real_project / "dbt_project", [real_project / "layouts"])

    assert {"orders", "web_events", "employees"} <= {entity.name for entity in entities}
    for entity in entities:
        kinds = {"text": "varchar"}
        described = {row[0]: row[1].lower() for row in company.query(f"describe raw.{entity.name}")}
        expected = {column.name: kinds.get(column.data_type, column.data_type) for column in entity.columns}
        assert {name: described.get(name) for name in expected} == expected


def test_the_real_shop_layout_reads_a_funnel_step_as_a_page_view(
    new_company: Callable[..., Any], real_project: Path
) -> None:
    shop = new_company(project=real_project, company=real_project / "tests" / "real")
    shop.put(
        "analytics/shop_events_2024.csv",
        "session_id,user_id,timestamp,event,acquisition_channel,platform,extra\n"
        "s1,u1,2024-01-01 10:00:00,home,organic,web,1\n"
        "s1,u1,2024-01-01 10:00:05,purchase,social,web,1\n",
    )
    shop.ingest("analytics")

    assert shop.query("select event_name, page, channel, device from raw.web_events order by event_at") == [
        ("page_view", "home", "organic_search", "web"), ("purchase", "purchase", "organic_social", "web"),
    ]  # fmt: skip
    assert shop.query("select unnamed_columns from raw.loads") == [("extra",)]


def test_the_real_till_layout_reads_monthly_parquet_as_completed_orders(
    new_company: Callable[..., Any], real_project: Path
) -> None:
    shop = new_company(project=real_project, company=real_project / "tests" / "real")
    shop.put(
        "crm/baskets_2024-01.parquet",
        as_parquet(
            pa.table(
                {
                    "basket_id": [31198459904],
                    "household_id": [99],
                    "transaction_timestamp": [dt.datetime(2024, 1, 1, 11, 20)],
                    "sales_value": [3.449],
                    "store_id": [330],
                }
            )
        ),
    )
    shop.ingest("crm")

    assert shop.query(
        "select order_id, customer_id, ordered_at, revenue, region, status, channel, _version_at from raw.orders"
    ) == [
        ("31198459904", "99", dt.datetime(2024, 1, 1, 11, 20), Decimal("3.4490"), "330", "completed", "store",
         dt.datetime(2024, 1, 1)),
    ]  # fmt: skip
