"""Files as people have them: each case is a folder of exports that went wrong, with what is right in its expected.md.

A case stands for a kind; what is generated here shows the kind in other files.
"""

from __future__ import annotations

import csv
import io
import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from company import Company
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad

CASES = Path(__file__).parent
SPEND = "select count(*), sum(amount) from raw.marketing_spend"
HEADER = ("Date", "Category", "Channel", "Campaign", "Amount")


def read(company: Company) -> FileLoad:
    """What became of the one file there is."""
    [load] = ingest(company.settings).files
    assert load.rows_read == load.rows_typed + load.rows_left_out + load.rows_quarantined + load.rows_refused
    return load


def book(company: Company, sheets: dict[str, list[tuple[Any, ...]]], *merged: str) -> None:
    """A spend workbook; `merged` cells are of its first sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for cells in merged:
        workbook.worksheets[0].merge_cells(cells)
    path = company.settings.exports / "crm" / "book_marketing_spend_1.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)


def spend(day: int, amount: Any = 10, category: Any = "Media", campaign: str = "c") -> tuple[Any, ...]:
    return (f"06/{day:02}/2026", category, "google", campaign, amount)


def quarantined(company: Company) -> list[tuple[Any, ...]]:
    return company.ask_warehouse("select line, column_name, reason, raw_text from raw.quarantine order by load, line")


# --- workbooks ---


@pytest.mark.parametrize(("exports", "rows", "total"), [("exports", 10, "1000"), ("exports_b_dim2", 10, "1000")])
def test_a_workbook_is_read_as_it_is_and_not_as_its_dimension_says(
    tmp_path: Path, exports: str, rows: int, total: str
) -> None:
    company = Company.at(tmp_path, exports=CASES / "f06_workbook_dimension" / exports)
    report = ingest(company.settings)

    assert {file.status for file in report.files} == {"loaded"}
    assert company.ask_warehouse(SPEND) == [(rows, Decimal(total))]
    if exports == "exports":
        assert company.ask_warehouse("select count(*), sum(revenue) from raw.orders") == [(8, 80)]


def test_every_sheet_of_one_form_is_read(tmp_path: Path) -> None:
    company = Company.at(tmp_path, exports=CASES / "f07_workbook_tab_per_month" / "exports")

    assert read(company).warnings == ""
    assert company.ask_warehouse(SPEND) == [(6, 4800)]


def test_a_bad_row_of_a_workbook_is_told_with_its_sheet_and_a_sheet_of_another_form_with_its_name(
    tmp_path: Path,
) -> None:
    company = Company.at(tmp_path)
    july = [("Spend of July",), HEADER, *(spend(day) for day in range(1, 6))]
    book(company, {"Jul": july, "Notes": [("Ask Sara",)], "Aug": [HEADER, spend(7), ("soon", "Media", "x", "c", 5)]})
    load = read(company)

    assert (load.status, load.rows_loaded, load.rows_quarantined) == ("loaded", 6, 1)
    assert load.warnings == "the sheet Notes of it was not read: its header is another"
    assert quarantined(company) == [(3, "date", "'soon' is no date (sheet Aug)", "soon,Media,x,c,5")]


@settings(max_examples=5, deadline=None, derandomize=True, database=None)
@given(sheets=st.lists(st.lists(st.integers(1, 10**6), min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_workbook_cut_into_sheets_has_the_same_sum(tmp_path_factory: Any, sheets: list[list[int]]) -> None:
    company = Company.at(tmp_path_factory.mktemp("book"))
    amounts = iter(enumerate((amount for sheet in sheets for amount in sheet), start=1))
    cut = [[spend(day, amount) for _, (day, amount) in zip(sheet, amounts, strict=False)] for sheet in sheets]
    book(company, {f"tab {number}": [HEADER, *rows] for number, rows in enumerate(cut)})

    assert read(company).status == "loaded"
    assert company.ask_warehouse(SPEND) == [(sum(map(len, sheets)), sum(map(sum, sheets)))]


def test_a_merged_cell_has_its_value_in_each_of_its_rows(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    book(company, {"a": [HEADER, spend(1), spend(2, category=None), spend(3, category=None)]}, "B2:B4")

    assert read(company).rows_loaded == 3
    assert company.ask_warehouse("select distinct category from raw.marketing_spend") == [("media",)]


def test_a_number_of_several_rows_is_counted_once_and_the_other_rows_are_told(tmp_path: Path) -> None:
    company = Company.at(tmp_path, quarantine_max_share=0.5)
    rows = [HEADER, spend(1, 300), spend(2, None), spend(3, 5)]
    book(company, {"a": rows}, "E2:E3")

    assert read(company).rows_quarantined == 1
    assert company.ask_warehouse(SPEND) == [(2, 305)]
    [(line, column, reason, _)] = quarantined(company)
    assert (line, column) == (3, "amount")
    assert "one merged cell for several rows; write the number of each row" in reason


# --- text ---


def test_a_text_may_begin_like_another_format(tmp_path: Path) -> None:
    company = Company.at(tmp_path, exports=CASES / "f17_first_bytes_PA" / "exports")

    assert read(company).rows_left_out == 1
    assert company.ask_warehouse(SPEND) == [(2, 1500)]


def test_delimiter_title_and_name_are_found_and_not_asked_for(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    names = [".csv", ".CSV", " (1).csv", "(2).Txt"]
    titles = ["", "sep={mark}\r\n", "Spend, of June; all\r\n"]
    cases = list(itertools.product([",", ";", "\t", "|"], titles))
    for number, (mark, before) in enumerate(cases):
        text = io.StringIO()
        rows = [spend(1, "1,000.50", campaign=f"{number}"), spend(2, "x"), spend(3), spend(4)]
        csv.writer(text, delimiter=mark).writerows([HEADER, *rows])
        name = f"crm/sheet_marketing_spend_{number}{names[number % len(names)]}"
        company.write(name, before.format(mark=mark) + text.getvalue())
    loads = ingest(company.settings).files

    assert [(load.status, load.rows_typed, load.reason) for load in loads] == [("loaded", 3, "")] * len(cases)
    assert company.ask_warehouse(SPEND) == [(3 * len(cases), Decimal("1020.50") * len(cases))]
    lines = company.ask_warehouse("select file, line from raw.quarantine")
    assert sorted(line for _, line in lines) == [3] * 4 + [4] * 8


def test_a_delimiter_that_a_layout_names_is_the_only_one(tmp_path: Path) -> None:
    company = salesforce_report(tmp_path, "x", delimiter=";")
    company.write("crm/salesforce_report_1.csv", "Opportunity ID,Created Date,Stage\n1,8/1/2026,Won\n")

    assert "the column 'Opportunity ID', by which" in read(company).reason


def test_columns_without_a_name_at_the_right_are_no_reason_to_refuse_a_file(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    lines = [HEADER, spend(1), spend(2)]
    company.write("crm/sheet_marketing_spend_1.csv", "".join(f"{','.join(map(str, line))},,\n" for line in lines))

    assert read(company).unnamed_columns == "column 6, column 7"
    assert company.ask_warehouse(SPEND) == [(2, 20)]


# --- totals and footers ---


def salesforce_report(tmp_path: Path, exports: str, **layout: str) -> Company:
    folder = tmp_path / "company" / "layouts"
    folder.mkdir(parents=True)
    given = "".join(f'    {name}: "{value}"\n' for name, value in layout.items())
    (folder / "salesforce_report.yml").write_text(
        "layouts:\n"
        "  - name: salesforce_report\n    entity: opportunities\n    files: crm/salesforce_report_*\n    format: csv\n"
        + given
        + "    leave_out: {Opportunity ID: '^(Grand Totals|Confidential|Copyright)'}\n"
        "    columns: {opportunity_id: Opportunity ID, created_at: Created Date, stage: Stage, outcome: Stage}\n"
        "    values: {outcome: {Closed Won: won, Closed Lost: lost}}\n    otherwise: {outcome: open}\n"
        "    formats: {created_at: '%m/%d/%Y'}\n",
        encoding="utf-8",
    )
    case = CASES / "f16_salesforce_report_footer" / exports
    given_exports = {"exports": case} if case.exists() else {}
    return Company.at(tmp_path, company=folder.parent, **given_exports)


@pytest.mark.parametrize(("exports", "rows"), [("exports", 3), ("exports_d_sf2", 200)])
def test_a_footer_that_is_shorter_than_the_header_is_left_out_as_its_layout_says(
    tmp_path: Path, exports: str, rows: int
) -> None:
    company = salesforce_report(tmp_path, exports)
    load = read(company)

    assert (load.status, load.rows_loaded, load.rows_left_out, load.rows_quarantined) == ("loaded", rows, 3, 0)


def test_a_footer_that_no_layout_knows_is_told_with_its_own_line_and_text(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    rows = "".join(f"06/{day:02}/2026,Media,google,c,10\r\n" for day in range(1, 31))
    footer = '\r\n\r\n"Grand Totals (30 records)"\r\n'
    company.write("crm/sheet_marketing_spend_1.csv", ",".join(HEADER) + "\r\n" + rows + footer)

    assert read(company).rows_loaded == 30
    assert [(line, text) for line, _, _, text in quarantined(company)] == [(34, '"Grand Totals (30 records)"')]


# --- few rows ---


@pytest.mark.parametrize(
    ("good", "bad", "status"), [(1, 1, "refused"), (2, 1, "loaded"), (4, 1, "loaded"), (8, 2, "refused")]
)
def test_one_bad_row_refuses_no_file_of_which_most_rows_are_good(
    tmp_path: Path, good: int, bad: int, status: str
) -> None:
    company = Company.at(tmp_path)
    rows = [HEADER, *(spend(day) for day in range(1, good + 1)), *[("soon", "Media", "x", "c", 5)] * bad]
    company.write("crm/sheet_marketing_spend_1.csv", "".join(f"{','.join(map(str, row))}\n" for row in rows))

    assert read(company).status == status
