"""Headers and sheets are found however they are spelled; columns and header lines may stand twice."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import duckdb
import openpyxl
import pytest
from company import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.ingest.columns import headers_asked_for
from kpi_pipeline.ingest.formats.header import as_asked_for, header_among, headers_of_every_file, told_apart
from kpi_pipeline.ingest.formats.opening import open_export
from kpi_pipeline.ingest.values import folded

LETTERS = "aZé\u0301éكيىکیهةأءA-_ 1\u00a0\u200c\u200f\u2011\u0640’'"
COLUMNS = {"sale_id": "text!", "sold_at": "timestamp!", "amount": "decimal(18,4)", "note": "text"}
HEADERS = ["Order ID", "Sold at", "مبلغ کل", "Café note"]
TOOL = dict(zip(COLUMNS, HEADERS, strict=True))
ROWS = [["a", "2024-01-01", "1", "x"], ["b", "2024-01-02", "2", "y"]]


@settings(max_examples=40)
@given(st.text(LETTERS, max_size=12))
def test_headers_are_compared_as_words_are(text: str) -> None:
    [[in_sql]] = duckdb.execute(f"select {folded('$1')}", [text]).fetchall()

    assert fold(text) == in_sql


def csv_of(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def jsonl_of(rows: list[list[str]]) -> bytes:
    return "".join(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]).encode()


def parquet_of(rows: list[list[str]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    columns = [pa.array([row[place] for row in rows[1:]]) for place in range(len(rows[0]))]
    pq.write_table(pa.table(columns, names=rows[0]), stream)
    return stream.getvalue()


def xlsx_of(rows: list[list[str]], title: str = "Sheet") -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv": csv_of, "jsonl": jsonl_of, "parquet": parquet_of, "xlsx": xlsx_of,
}  # fmt: skip


def respelled(header: str) -> st.SearchStrategy[str]:
    """`header` in a spelling that people take for the same."""

    def write(case: str, form: Any, blank: str, around: str) -> str:
        letters = header.replace("ی", "ي").replace("ک", "ك") if case == "upper" else header
        return around + unicodedata.normalize(form, getattr(letters, case)()).replace(" ", blank) + around

    return st.builds(
        write,
        st.sampled_from(["upper", "lower", "title"]),
        st.sampled_from(["NFC", "NFD"]),
        st.sampled_from([" ", "_", "  ", "\u00a0", "\u200c", ""]),
        st.sampled_from(["", " ", "\u00a0", "\u200c"]),
    )


@settings(max_examples=24)
@given(st.sampled_from(sorted(WRITERS)), st.tuples(*map(respelled, HEADERS)))
def test_a_header_in_another_spelling_is_the_same_header(
    tmp_path_factory: pytest.TempPathFactory, format: str, headers: tuple[str, ...]
) -> None:
    path = tmp_path_factory.mktemp("respelled") / f"file.{format}"
    path.write_bytes(WRITERS[format]([list(headers), *ROWS]))
    layout = Layout(name="tool", entity="sales", files="crm/*", format=format, columns=TOOL)  # type: ignore[arg-type]
    with duckdb.connect() as connection:
        reading = open_export(connection, path, layout)
        names = ", ".join(f'"{name}"' for name in HEADERS)
        read = connection.execute(f"select {names} from {reading.relation} order by 1").fetchall()

    assert set(reading.headers) == set(HEADERS)
    assert read == [tuple(row) for row in ROWS]
    assert told_apart(headers, as_asked_for(headers, layout), layout, "it").names == HEADERS


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_the_exact_spelling_wins_and_the_other_is_another_column(company: Any, format: str) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "date!"}, format=format,
                         columns={"sale_id": "Order ID", "sold_at": "Sold at"})  # fmt: skip
    rows = [["order_id", "Order ID", "Sold at"], ["wrong", "right", "2024-01-01"]]
    load = company.load(f"crm/tool.{format}", WRITERS[format](rows))

    assert load.status == "loaded", load.reason
    assert load.unnamed_columns == "order_id"
    assert company.query("select sale_id, sold_at from raw.sales") == [("right", dt.date(2024, 1, 1))]


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_two_headers_that_can_both_be_meant_are_refused(company: Any, format: str) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "date!"}, format=format,
                         columns={"sale_id": "Order ID", "sold_at": "Sold at"})  # fmt: skip
    rows = [["order_id", "order id", "Sold at"], ["one", "other", "2024-01-01"]]
    load = company.load(f"crm/tool.{format}", WRITERS[format](rows))

    assert load.status == "refused"
    assert "names the column order id, order_id: only one of them can be meant" in load.reason


def test_a_sheet_is_found_however_its_name_is_spelled(company: Any) -> None:
    columns = {"sale_id": "Id", "sold_at": "Date"}
    company.declare_tool(
        {"sale_id": "text!", "sold_at": "date!"}, format="xlsx", columns=columns, sheet="گزارش فروش", files="crm/tool*"
    )
    rows = [["Id", "Date"], ["a", "2024-01-01"]]

    assert company.load("crm/tool.xlsx", xlsx_of(rows, "گزارش\u200cفروش")).status == "loaded"


# --- what stands twice ---


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_of_a_column_that_stands_twice_a_row_has_the_first_that_has_a_value(company: Any, format: str) -> None:
    rows = [["sale_id", "note", "sold_at", "note"], ["a", "", "2024-01-01", "second"], ["b", "first", "2024-01-02", ""],
            ["c", "same", "2024-01-03", "same"]]  # fmt: skip
    load = company.load(f"crm/sales.{format}", WRITERS[format](rows))

    assert load.status == "loaded", load.reason
    assert company.query("select sale_id, note from raw.sales order by 1") == [
        ("a", "second"), ("b", "first"), ("c", "same"),
    ]  # fmt: skip


def test_a_row_with_two_values_in_one_column_cannot_be_read(company: Any) -> None:
    load = company.load("crm/sales.csv", "sale_id,amount,sold_at,amount\na,1,2024-01-01,1\nb,1,2024-01-02,2\n")

    assert load.status == "refused"
    assert "its column amount stands there 2 times, and row 2 has '1' and '2' in it" in load.reason


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("header", [["sale_id", "sold_at", "note"], ["Sale ID", "Sold_At", "extra"]])
def test_a_header_in_the_middle_of_a_file_is_left_out(company: Any, format: str, header: list[str]) -> None:
    rows = [header, ["a", "2024-01-01", "x"], header, ["b", "2024-01-02", "y"], header, ["c", "soon", "z"]]
    load = company.load(f"crm/sales.{format}", WRITERS[format](rows))

    assert (load.rows_read, load.rows_loaded, load.rows_left_out, load.rows_quarantined) == (5, 2, 2, 1)
    assert load.left_out_because == "the header once more (2)"
    assert [line for _, line, *_ in company.quarantine()] == [6]


# --- every layout ---


LAYOUTS = [
    layout
    for entity in read_entities(ROOT / "dbt_project", [ROOT / "layouts"])
    for layout in [*entity.layouts, entity.canonical_layouts[0]]
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.entity}-{layout.name}")
def test_no_two_headers_of_a_layout_are_taken_for_one(layout: Layout) -> None:
    headers = headers_asked_for(layout) - {""}

    assert len({fold(header) for header in headers}) == len(headers)


@settings(max_examples=40)
@given(st.data())
def test_every_layout_finds_its_headers_in_another_spelling(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(LAYOUTS), label="layout")
    headers = sorted(headers_of_every_file(layout))
    given = [data.draw(respelled(header)) for header in headers]

    found = header_among([(0, ["A title"]), (1, given), (2, ["1"] * len(given))], layout)
    assert found is not None
    assert (found.names, found.place, found.is_complete) == (headers, 1, True)
