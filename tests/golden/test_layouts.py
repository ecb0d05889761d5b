"""Every layout reads what its tool writes: a folder per layout, a small export in that shape, the rows it becomes.

`layouts/<system>/<layout>/` is an exports folder: the file lies in `<system>/` under a name that the layout claims.
Beside it, `expected.csv` has every column that the layout fills and every row that is loaded, in UTC, and
`expected_quarantine.csv` the line and the column of each row that cannot be. The Parquet file of GA4 holds the
rows of its JSON file, in BigQuery's types.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from company import ROOT, Company

from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.ingest.ingest import ingest

CASES = sorted(path for path in (Path(__file__).parent / "layouts").glob("*/*") if path.is_dir())
ENTITIES = read_entities(ROOT / "dbt_project", [ROOT / "layouts"])
CURRENCIES = {
    "chargebee_subscriptions": "EUR", "google_ads_campaigns": "EUR", "persian_marketing_spend": "IRR",
    "persian_sales_targets": "IRR", "pipedrive_deals": "EUR", "plausible_events": "EUR", "zoho_deals": "EUR",
}  # fmt: skip
"""What the companies report in whose files are not in USD."""


def test_every_layout_has_a_case_and_every_case_is_a_layout() -> None:
    declared = [(entity.system, layout.name) for entity in ENTITIES for layout in entity.layouts]
    assert len(CASES) >= 40
    assert len({name for _, name in declared}) == len(declared)
    assert {(case.parent.name, case.name) for case in CASES} == set(declared)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_given_an_export_of_the_tool_expected_rows(case: Path, tmp_path: Path) -> None:
    entity = next(entity for entity in ENTITIES if case.name in {layout.name for layout in entity.layouts})
    columns, expected = _expected(case / "expected.csv", entity)
    currency = CURRENCIES.get(case.name, "USD")
    company = Company.at(tmp_path, exports=case, quarantine_max_share=0.5, currency=currency)

    report = ingest(company.settings)

    # what is expected lies beside the systems' folders
    assert [name for name in report.unclaimed if not name.startswith("expected")] == []
    loads = company.ask_warehouse("select status, reason from raw.loads where layout = ?", [case.name])
    assert {status for status, _ in loads} == {"loaded"}, loads
    assert _rows_of(company, entity, columns) == expected
    _assert_that_the_rest_is_empty(company, entity, case.name, columns)
    quarantine = company.ask_warehouse(
        "select line, column_name from raw.quarantine where entity = ? order by all", [entity.name]
    )
    assert quarantine == _expected_quarantine(case / "expected_quarantine.csv")


def _expected(path: Path, entity: Entity) -> tuple[list[str], list[dict[str, Any]]]:
    kinds = {column.name: column.data_type for column in entity.columns}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        rows = [{name: _typed(text, kinds[name]) for name, text in row.items()} for row in reader]
    never_filled = [name for name in columns if all(row[name] is None for row in rows)]
    assert rows
    assert never_filled == []
    return columns, sorted(rows, key=repr)


def _expected_quarantine(path: Path) -> list[tuple[int, str | None]]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [(int(row["line"]), row["column_name"] or None) for row in csv.DictReader(stream)]
    assert rows, f"{path}: a case has at least one row that cannot be loaded"
    return rows


def _typed(text: str, kind: str) -> object:
    if text == "":
        return None
    return Decimal(text).normalize() if kind in ("bigint", "double", "decimal(18,4)") else text


def _rows_of(company: Company, entity: Entity, columns: list[str]) -> list[dict[str, Any]]:
    names = ", ".join(f'"{name}"' for name in columns)
    rows = company.ask_warehouse(f"select {names} from raw.{entity.name} where _gone is not true")
    return sorted((dict(zip(columns, map(_plain, row), strict=True)) for row in rows), key=repr)


def _plain(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return Decimal(str(value)).normalize()
        case dt.date():
            return str(value)
        case _:
            return value


def _assert_that_the_rest_is_empty(company: Company, entity: Entity, layout: str, columns: list[str]) -> None:
    row_key = next(known.row_key for known in entity.layouts if known.name == layout)
    for column in entity.columns:
        if column.name in columns:
            continue
        counts = f'select count("{column.name}"), count(distinct "{column.name}"), count(*) from raw.{entity.name}'
        ((given, different, rows),) = company.ask_warehouse(counts)
        if column.name == row_key:
            assert given == different == rows, f"{column.name} is no key"
        else:
            assert given == 0, f"{column.name} is filled, but not expected"
