"""Ingest: a row that cannot be typed is not lost. It stands in quarantine with its place, its reason and its text."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEADER = "sale_id,sold_at,paid_on,units,score,is_paid,amount,note\n"
GOOD = "ok,2024-01-01,,,,,,\n"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",2024-01-01,,,,,,", "sale_id", "sale_id is required and is empty"),
        ("a,,,,,,,", "sold_at", "sold_at is required and is empty"),
        ("a,soon,,,,,,", "sold_at", "'soon' is no timestamp"),
        ("a,2024-13-01,,,,,,", "sold_at", "'2024-13-01' is no timestamp"),
        ("a,infinity,,,,,,", "sold_at", "'infinity' is no timestamp"),
        ("a,2024-01-01,2024-02-30,,,,,", "paid_on", "'2024-02-30' is no date"),
        ("a,2024-01-01,-infinity,,,,,", "paid_on", "'-infinity' is no date"),
        ("a,2024-01-01,,1.5,,,,", "units", "'1.5' is no bigint"),
        ("a,2024-01-01,,NaN,,,,", "units", "'NaN' is no bigint"),
        ("a,2024-01-01,,9223372036854775808,,,,", "units", "'9223372036854775808' is no bigint"),
        ("a,2024-01-01,,,nan,,,", "score", "'nan' is no double"),
        ("a,2024-01-01,,,-inf,,,", "score", "'-inf' is no double"),
        ("a,2024-01-01,,,1e999,,,", "score", "'1e999' is no double"),
        ('a,2024-01-01,,,"1,5",,,', "score", "'1,5' is no double"),
        ("a,2024-01-01,,,,perhaps,,", "is_paid", "'perhaps' is no boolean"),
        ("a,2024-01-01,,,,,12 apples,", "amount", "'12 apples' is no decimal(18,4)"),
        ("a,2024-01-01,,,,,NaN,", "amount", "'NaN' is no decimal(18,4)"),
        ("a,2024-01-01,,,,,100000000000000,", "amount", "'100000000000000' is no decimal(18,4)"),
    ],
)
def test_what_is_no_value_of_its_type_is_quarantined_with_place_reason_and_text(
    company: Any, row: str, column: str, reason: str
) -> None:
    load = company.load("crm/sales.csv", HEADER + GOOD + row + "\n" + GOOD)

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("loaded", 2, 1)
    assert company.quarantine() == [("crm/sales.csv", 3, column, reason, row)]
    assert company.query("select distinct sale_id from raw.sales") == [("ok",)]


def test_whole_numbers_may_be_written_with_a_point(company: Any) -> None:
    company.load("crm/sales.csv", HEADER + "a,2024-01-01,,2.0,,,,\nb,2024-01-01,,-9223372036854775808,,,,\n")

    assert company.query("select units from raw.sales order by sale_id") == [(2,), (-(2**63),)]


def test_only_the_first_bad_column_of_a_row_is_named_and_the_row_counts_once(company: Any) -> None:
    load = company.load("crm/sales.csv", HEADER + GOOD + "a,soon,never,x,y,z,w,\n")

    assert load.rows_quarantined == 1
    assert [row[2] for row in company.quarantine()] == ["sold_at"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("zipped", [False, True])
def test_the_line_is_that_of_the_file_also_after_quoted_fields_of_many_lines(
    company: Any, newline: str, start: str, zipped: bool
) -> None:
    lines = [
        HEADER.strip(),
        'a,2024-01-01,,,,,,"one',
        "two",
        'three"',
        "b,2024-01-01,,1.5,,,,after",
        'c,2024-01-01,,2.5,,,,"spans',
        'two lines"',
        "d,2024-01-01,,3.5,,,,last",
        "e,2024-01-01,,,,,,",
        "f,2024-01-01,,,,,,",
    ]
    content = (start + newline.join(lines) + newline).encode()
    name = "crm/sales.csv.gz" if zipped else "crm/sales.csv"
    load = company.load(name, gzip.compress(content) if zipped else content)

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("loaded", 3, 3), load.reason
    assert company.quarantine() == [
        (name, 5, "units", "'1.5' is no bigint", "b,2024-01-01,,1.5,,,,after"),
        (name, 6, "units", "'2.5' is no bigint", f'c,2024-01-01,,2.5,,,,"spans{newline}two lines"'),
        (name, 8, "units", "'3.5' is no bigint", "d,2024-01-01,,3.5,,,,last"),
    ]


def test_blank_lines_between_rows_do_not_shift_the_line(company: Any) -> None:
    company.load("crm/sales.csv", HEADER + "\n" + GOOD + "\n\na,soon,,,,,,\n" + GOOD)

    assert [row[1] for row in company.quarantine()] == [6]


def test_blank_lines_do_not_shift_the_line_in_a_file_of_one_column(company: Any) -> None:
    company.declare_tool({"units": "bigint!"}, columns={"units": "Units"})
    load = company.load("crm/tool.csv", "Units\n1\n\nx\n3\n4\n5\n")

    assert ("crm/tool.csv", 4, "units", "'x' is no bigint", "x") in company.quarantine()
    assert load.rows_typed == 4


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a,2024-01-01,,,,,,,one too many", "Expected Number of Columns: 8 Found: 9"),
        ("a,2024-01-01", "Expected Number of Columns: 8 Found: 2"),
    ],
)
def test_a_line_with_too_many_or_too_few_fields_is_quarantined_with_its_line(
    company: Any, line: str, words: str
) -> None:
    load = company.load("crm/sales.csv", HEADER + GOOD + '"a\nb",2024-01-01,,,,,,\n' + line + "\n" + GOOD)

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("loaded", 3, 1), load.reason
    [(file, number, column, reason, raw_text)] = company.quarantine()
    assert (file, number, column, raw_text.rstrip("\n")) == ("crm/sales.csv", 5, None, line)
    assert words in reason


def test_a_bad_line_does_not_shift_the_place_of_the_bad_row_after_it(company: Any) -> None:
    company.load(
        "crm/sales.csv", HEADER + GOOD + "short,2024-01-01\n" + "x,soon,,,,,,\n" + GOOD + "y,later,,,,,,\n" + 9 * GOOD
    )

    assert [(row[1], row[2], row[4].strip()) for row in company.quarantine()] == [
        (3, None, "short,2024-01-01"), (4, "sold_at", "x,soon,,,,,,"), (6, "sold_at", "y,later,,,,,,"),
    ]  # fmt: skip


def test_a_bad_line_that_spans_lines_does_not_shift_the_place_of_the_bad_row_after_it(company: Any) -> None:
    company.load("crm/sales.csv", HEADER + GOOD + '"short\nand long",2024-01-01\n' + "x,soon,,,,,,\n" + 9 * GOOD)

    assert [(row[1], row[2]) for row in company.quarantine()] == [(3, None), (5, "sold_at")]


def test_invalid_utf8_is_quarantined_with_its_line_and_the_rest_is_loaded(company: Any) -> None:
    load = company.load(
        "crm/sales.csv", (HEADER + GOOD).encode() + b"a,2024-01-01,,,,,,caf\xe9\n" + b"b,2024-01-01,,,,,,caf\xc3\xa9\n"
    )

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("loaded", 2, 1), load.reason
    assert company.query("select note from raw.sales where sale_id = 'b'") == [("café",)]
    [(_, line, _, reason, _)] = company.quarantine()
    assert line == 3
    assert "UTF-8" in reason or "unicode" in reason.lower()


def test_an_open_quote_loses_no_row_in_silence(company: Any) -> None:
    load = company.load("crm/sales.csv", HEADER + 30 * GOOD + 'a,2024-01-01,,,,,,"open\n' + 9 * GOOD + "\n" + GOOD)

    assert (load.status, load.rows_typed) == ("loaded", 30), load.reason
    assert [(row[1], row[4]) for row in company.quarantine()] == [
        (32, 'a,2024-01-01,,,,,,"open'), *((line, GOOD.strip()) for line in [*range(33, 42), 43]),
    ]  # fmt: skip


def test_an_open_quote_that_takes_too_much_of_the_file_with_it_is_refused(company: Any) -> None:
    load = company.load("crm/sales.csv", HEADER + 10 * GOOD + 'a,2024-01-01,,,,,,"open\n' + 5000 * GOOD)

    assert (load.status, load.rows_quarantined) == ("refused", 5001)
    assert "first: line 12: the line is no row of this file: Value with unterminated quote" in load.reason


def test_a_quote_inside_a_quoted_value_costs_its_own_row_only(company: Any) -> None:
    company.load(
        "crm/sales.csv", HEADER + GOOD + 'a,2024-01-01,,,,,,"say "hi" to\n' + GOOD + "b,soon,,,,,,\n" + 2 * GOOD
    )

    assert [(row[1], row[2]) for row in company.quarantine()] == [(3, None), (5, "sold_at")]
    assert company.query("select count(*) from raw.sales") == [(4,)]


def test_json_lines_that_are_no_objects_are_quarantined_with_their_line(company: Any) -> None:
    good = b'{"sale_id": "a", "sold_at": "2024-01-01"}\n'
    load = company.load("crm/sales.jsonl", good + b'\n{"sale_id": "b"\n[1]\n{"note": "caf\xe9"}\r\n' + 3 * good)

    assert load.rows_typed == 4
    assert company.quarantine() == [
        ("crm/sales.jsonl", 3, None, "the line is not a JSON object", '{"sale_id": "b"'),
        ("crm/sales.jsonl", 4, None, "the line is not a JSON object", "[1]"),
        ("crm/sales.jsonl", 5, None, "the line is not UTF-8 text: invalid continuation byte at byte 14",
         '{"note": "caf\ufffd"}'),
    ]  # fmt: skip


def test_a_bad_value_of_json_lines_is_quarantined_with_the_line_as_it_stands(company: Any) -> None:
    company.load(
        "crm/sales.jsonl",
        '\n{"sale_id": "a", "sold_at": "2024-01-01"}\r\n\n{"sale_id": "b", "sold_at": "2024-01-01", "units": 1.5}\r\n',
    )

    assert company.quarantine() == [
        ("crm/sales.jsonl", 4, "units", "'1.5' is no bigint", '{"sale_id": "b", "sold_at": "2024-01-01", "units": 1.5}')
    ]


def test_a_bad_value_of_a_json_list_is_quarantined_with_its_number_and_as_it_stands(company: Any) -> None:
    good = '{"sale_id": "a", "sold_at": "2024-01-01"}'
    company.load("crm/sales.json", f'[{good}, [7], {good},\n{{"sale_id": "b",\n"units": 1.50}}, {good}]')

    assert company.quarantine() == [
        ("crm/sales.json", 2, None, "the line is not a JSON object", "[7]"),
        ("crm/sales.json", 4, "sold_at", "sold_at is required and is empty", '{"sale_id": "b", "units": 1.50}'),
    ]


def test_a_broken_first_line_is_not_taken_for_the_begin_of_an_answer(company: Any) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, format="jsonl", records="sales")
    company.load("crm/tool.json", '{"Id": "a", "Date\n' + '{"Id": "b", "Date": "2024-01-01"}\n' * 3)

    assert company.quarantine() == [("crm/tool.json", 1, None, "the line is not a JSON object", '{"Id": "a", "Date')]


def test_a_bad_value_of_parquet_is_quarantined_with_the_number_of_its_row(company: Any) -> None:
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"sale_id": ["a", "b", "c"], "sold_at": ["2024-01-01", "2024-01-02", "x"], "units": [1.0, 1.5, 2.0],
                  "score": [1.0, 2.0, float("nan")]}),
        sink,
    )  # fmt: skip
    load = company.load("crm/sales.parquet", sink.getvalue())

    assert load.status == "refused"
    assert company.quarantine() == [
        ("crm/sales.parquet", 2, "units", "'1.5' is no bigint", ""),
        ("crm/sales.parquet", 3, "sold_at", "'x' is no timestamp", ""),
    ]


def test_nan_and_infinity_of_parquet_are_refused_like_those_of_text(company: Any) -> None:
    sink = io.BytesIO()
    numbers = [1.0, float("nan"), float("inf"), 2.0]
    pq.write_table(
        pa.table({"sale_id": list("abcd"), "sold_at": ["2024-01-01"] * 4, "score": numbers}), sink
    )  # fmt: skip
    company.load("crm/sales.parquet", sink.getvalue())

    assert company.query("select sale_id from raw.sales order by 1") == [("a",), ("d",)]
    assert [row[1:4] for row in company.quarantine()] == [
        (2, "score", "'nan' is no double"), (3, "score", "'inf' is no double"),
    ]  # fmt: skip


@pytest.mark.parametrize(("bad", "status"), [(5, "loaded"), (6, "refused")])
def test_a_file_with_too_many_bad_rows_is_refused_whole(
    new_company: Callable[..., Any], bad: int, status: str, declared_table: Callable[..., Any]
) -> None:
    company = new_company(quarantine_max_share=0.05)
    company.declare("crm", declared_table("sales", {"sale_id": "text!", "units": "bigint"}))
    load = company.load("crm/sales.csv", "sale_id,units\n" + "a,1\n" * (100 - bad) + "b,x\n" * bad)

    assert load.status == status
    assert company.query("select count(*) from raw.sales") == [(95 if status == "loaded" else 0,)]
    assert len(company.quarantine()) == bad
    if status == "refused":
        assert load.reason == (
            "6 of its 100 rows cannot be loaded, more than 5% (KPI_QUARANTINE_MAX_SHARE); "
            "first: line 96: 'x' is no bigint"
        )


def test_a_refused_file_leaves_at_most_a_hundred_rows_in_quarantine(company: Any) -> None:
    load = company.load("crm/sales.csv", HEADER + "a,soon,,,,,,\n" * 250)

    assert (load.status, load.rows_typed, load.rows_quarantined) == ("refused", 0, 250)
    assert [row[1] for row in company.quarantine()] == list(range(2, 102))


def test_a_field_of_a_megabyte_before_a_bad_row_does_not_hide_the_bad_row(company: Any) -> None:
    company.load("crm/sales.csv", HEADER + f"a,2024-01-01,,,,,,{'x' * 1_000_000}\n" + "b,soon,,,,,,\n" + GOOD)

    assert company.query("select length(note) from raw.sales where sale_id = 'a'") == [(1_000_000,)]
    assert [row[1:4] for row in company.quarantine()] == [(3, "sold_at", "'soon' is no timestamp")]


def test_the_books_balance_over_every_load(company: Any) -> None:
    company.put("crm/sales_1.csv", HEADER + 5 * GOOD + "a,soon,,,,,,\nshort\n")
    company.put("crm/sales_2.jsonl", '{"sale_id": "a", "sold_at": "2024-01-01"}\n' * 3 + '{"sale_id": "b"}\n{\n')
    company.put("crm/sales_3.csv", HEADER)
    company.ingest()

    counted = "select file, rows_read, rows_loaded + rows_repeated, rows_quarantined from raw.loads order by file"
    assert company.query(counted) == [
        ("crm/sales_1.csv", 7, 5, 2), ("crm/sales_2.jsonl", 5, 3, 2), ("crm/sales_3.csv", 0, 0, 0),
    ]  # fmt: skip
    assert company.query("select (select count(*) from raw.sales), (select count(*) from raw.quarantine)") == [(8, 4)]
