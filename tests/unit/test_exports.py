"""The declarations of exports: what is wrong with one is a sentence that names the file and the field."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_pipeline.contracts.export import Layout, read_entities
from kpi_pipeline.errors import ConfigurationError


def layout(**given: Any) -> dict[str, Any]:
    return {"name": "tool", "files": "crm/tool*", "format": "csv", "columns": {"sale_id": "Id"}, **given}


def declared(company: Any, table: dict[str, Any]) -> list[Any]:
    company.declare("crm", table)
    return read_entities(company.settings.dbt_project)


@pytest.fixture
def sales(declared_table: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    columns = {"sale_id": "text!", "sold_at": "timestamp", "amount": "decimal(18,4)"}
    return declared_table("sales", columns, dated_by="sold_at", layouts=[layout()])


def test_the_declarations_that_ship_are_in_order_by_system_and_name(real_project: Path) -> None:
    found = [(entity.system, entity.name) for entity in read_entities(real_project / "dbt_project")]

    assert found == sorted(found)
    assert ("crm", "orders") in found


def test_a_declaration_without_mistakes_is_read(company: Any, sales: dict[str, Any]) -> None:
    [entity] = declared(company, sales)

    assert (entity.system, entity.name, entity.load, entity.key, entity.dated_by) == (
        "crm", "sales", "merge", ["sale_id"], "sold_at",
    )  # fmt: skip
    assert [(column.name, column.required) for column in entity.columns] == [
        ("sale_id", True), ("sold_at", False), ("amount", False),
    ]  # fmt: skip


def export(sales: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = sales["config"]["meta"]["export"]
    return found


MISTAKES: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda t: export(t).pop("load"), "load Field required"),
    (lambda t: export(t).update(load="replace"), "load Input should be 'append', 'merge' or 'snapshot'"),
    (lambda t: export(t).update(extra=1), "extra Extra inputs are not permitted"),
    (lambda t: export(t).pop("late_after_days"), "late_after_days Field required"),
    (lambda t: export(t).update(key=["id"]), "'id' is no column of sales"),
    (lambda t: export(t).update(dated_by="day"), "'day' is no column of sales"),
    (lambda t: export(t)["layouts"].append(layout(columns={"sale": "Id"})),
     "layout tool names sale, which is no column of sales"),
    (lambda t: export(t)["layouts"].append(layout(columns={"sold_at": "At"})),
     "layout tool does not say where sale_id comes from"),
    (lambda t: export(t)["layouts"].append(layout(formats={"when": "%Y"})),
     "layout tool names when, which is no column of sales"),
    (lambda t: export(t)["layouts"].append(layout(timezone="Tehran")),
     "layouts.1.timezone 'Tehran' is not a time zone; give an IANA name such as Asia/Tehran"),
    (lambda t: export(t)["layouts"].append(layout(format="xls")),
     "layouts.1.format Input should be 'csv', 'jsonl', 'parquet'"),
    (lambda t: export(t)["layouts"].append(layout(header="Id")), "layouts.1.header Extra inputs are not permitted"),
    (lambda t: export(t)["layouts"].append(layout(scale={"sale_id": 10})),
     "layout tool scales sale_id, which is text; only decimal(18,4) can be scaled"),
    (lambda t: export(t)["layouts"].append(layout(formats={"amount": "%d"})),
     "layout tool gives a date format for amount, which is decimal(18,4)"),
    (lambda t: t["config"]["meta"].pop("export"), "config.meta.export is missing"),
    (lambda t: t.pop("config"), "config.meta.export is missing"),
    (lambda t: t.update(config=None), "config.meta.export is missing"),
    (lambda t: t.pop("columns"), "columns is missing"),
    (lambda t: t["columns"][1].pop("data_type"), "column sold_at: data_type Field required"),
    (lambda t: t["columns"][1].update(data_type="varchar"), "column sold_at: data_type Input should be 'text', "),
    (lambda t: t["columns"].append({"name": "sale_id", "data_type": "text"}), "the column sale_id is declared twice"),
    (lambda t: t["columns"].append({"data_type": "text"}), "column 4: name Field required"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), MISTAKES)
def test_a_mistake_in_a_declaration_is_a_sentence_that_names_file_source_and_field(
    company: Any, sales: dict[str, Any], spoil: Callable[[dict[str, Any]], Any], words: str
) -> None:
    spoiled = copy.deepcopy(sales)
    spoil(spoiled)

    with pytest.raises(ConfigurationError) as raised:
        declared(company, spoiled)
    assert "/crm/_crm__sources.yml: source crm.sales: " in str(raised.value)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: [", "this is not YAML"),
        ("", "it needs a list of sources"),
        ("- a\n", "it needs a list of sources"),
        ("sources:\n  - tables: []\n", "a source has no name"),
        ("sources:\n  - name: crm\n    tables:\n      - columns: []\n", "source crm.None: "),
    ],
)
def test_a_file_that_is_no_declaration_is_a_sentence_that_names_it(company: Any, text: str, words: str) -> None:
    path = company.settings.dbt_project / "models" / "staging" / "crm" / "_crm__sources.yml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as raised:
        read_entities(company.settings.dbt_project)
    assert "/crm/_crm__sources.yml: " in str(raised.value)
    assert words in str(raised.value)


def test_an_unknown_system_is_a_sentence(company: Any, sales: dict[str, Any]) -> None:
    path = company.settings.dbt_project / "models" / "staging" / "crm" / "_crm__sources.yml"
    path.write_text(yaml.safe_dump({"sources": [{"name": "erp", "tables": [sales]}]}), encoding="utf-8")

    with pytest.raises(
        ConfigurationError, match=r"source erp\.sales: system Input should be 'analytics', 'crm' or 'hr'"
    ):
        read_entities(company.settings.dbt_project)


def test_two_entities_of_one_name_are_refused_because_they_would_share_a_table(
    company: Any, sales: dict[str, Any]
) -> None:
    company.declare("hr", sales)

    with pytest.raises(ConfigurationError, match="sales is declared by crm and hr"):
        read_entities(company.settings.dbt_project)


def test_a_project_without_declarations_asks_for_the_project_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no export is declared there; is KPI_PROJECT right"):
        read_entities(tmp_path)


@pytest.mark.parametrize(
    ("files", "path", "claims"),
    [
        ("crm/orders*", "crm/orders.csv", True),
        ("crm/orders*", "crm/orders_2024.csv.gz", True),
        ("crm/orders*", "crm/orders/2024.csv", False),
        ("crm/orders*", "crm/orders.parquet", False),
        ("crm/orders*", "hr/orders.csv", False),
        ("crm/a.b*", "crm/axb.csv", False),
        ("crm/{date:%Y-%m-%d}_orders", "crm/2024-01-31_orders.csv", True),
        ("crm/{date:%Y-%m-%d}_orders", "crm/today_orders.csv", False),
    ],
)
def test_a_pattern_claims_the_files_of_its_tool_and_no_others(files: str, path: str, claims: bool) -> None:
    assert Layout.model_validate(layout(files=files)).claims(path) is claims


def test_the_date_of_a_file_is_read_as_its_pattern_says() -> None:
    monthly = Layout.model_validate(layout(files="crm/orders_{date:%Y-%m}"))

    assert monthly.file_date("crm/orders_2024-02.csv") == dt.datetime(2024, 2, 1)
    assert Layout.model_validate(layout()).file_date("crm/tool_2024-02.csv") is None


def test_a_tools_own_layout_comes_before_the_canonical_one(company: Any, sales: dict[str, Any]) -> None:
    export(sales)["layouts"] = [layout(name="own", files="crm/sales_own*")]
    [entity] = declared(company, sales)

    names = [found.name if (found := entity.layout_of(path)) else None for path in (
        "crm/sales_own.csv", "crm/sales_own.jsonl", "crm/sales.csv", "crm/sales.pdf",
    )]  # fmt: skip
    assert names == ["own", "canonical_jsonl", "canonical_csv", None]
