"""The declarations of exports and layouts: what is wrong with one is a sentence that names the file and the field."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.contracts.layout import Layout, can_claim_one_file
from kpi_pipeline.errors import ConfigurationError


def layout(**given: Any) -> dict[str, Any]:
    usual = {"name": "tool", "entity": "sales", "files": "crm/tool*", "format": "csv", "columns": {"sale_id": "Id"}}
    return usual | given


def read(company: Any) -> list[Entity]:
    return read_entities(company.settings.dbt_project, company.settings.layout_folders)


def declared(company: Any, table: dict[str, Any]) -> list[Entity]:
    company.declare("crm", table)
    return read(company)


def write_layouts(folder: Path, file: str, *layouts: dict[str, Any]) -> Path:
    path = folder / "layouts" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"layouts": list(layouts)}), encoding="utf-8")
    return path


@pytest.fixture
def sales(declared_table: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    columns = {"sale_id": "text!", "sold_at": "timestamp", "amount": "decimal(18,4)"}
    return declared_table("sales", columns, dated_by="sold_at", layouts=[layout()])


def test_the_declarations_that_ship_are_in_order_by_system_and_name(real_project: Path) -> None:
    entities = read_entities(real_project / "dbt_project", [real_project / "layouts"])
    found = [(entity.system, entity.name) for entity in entities]

    assert found == sorted(found)
    assert ("crm", "orders") in found
    of_orders = {layout.name for entity in entities if entity.name == "orders" for layout in entity.layouts}
    assert {"shopify_orders", "woocommerce_orders"} <= of_orders


def test_every_contract_stands_beside_the_model_that_reads_it(real_project: Path) -> None:
    staging = real_project / "dbt_project" / "models" / "staging"
    entities = read_entities(real_project / "dbt_project", [])

    assert len(entities) == 33
    assert {path for path in staging.glob("*/*") if path.suffix in (".sql", ".yml")} == {
        staging / entity.system / f"stg_{entity.system}__{entity.name}{suffix}"
        for entity in entities
        for suffix in (".sql", ".yml")
    }


def test_every_column_says_more_than_its_name(real_project: Path) -> None:
    columns = [column for entity in read_entities(real_project / "dbt_project", []) for column in entity.columns]

    assert len(columns) > 200
    assert [
        column.name for column in columns if re.sub(r"\W+", "_", column.meaning.lower()).strip("_") in ("", column.name)
    ] == []


def test_a_declaration_without_mistakes_is_read(company: Any, sales: dict[str, Any]) -> None:
    [entity] = declared(company, sales)

    assert (entity.system, entity.name, entity.rows, entity.key, entity.dated_by) == (
        "crm", "sales", "things", ["sale_id"], "sold_at",
    )  # fmt: skip
    assert [(column.name, column.required) for column in entity.columns] == [
        ("sale_id", True), ("sold_at", False), ("amount", False),
    ]  # fmt: skip


def export(sales: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = sales["config"]["meta"]["export"]
    return found


MISTAKES: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda t: export(t).pop("rows"), "the field rows is missing; every field is required."),
    (
        lambda t: export(t).update(rows="replace"),
        "rows: Input should be 'things', 'lines', 'reports', 'readings', 'events' or 'snapshot'.",
    ),
    (lambda t: export(t).update(extra=1), "the field extra is unknown; remove it or correct its name."),
    (lambda t: export(t).pop("late_after_days"), "the field late_after_days is missing"),
    (lambda t: export(t).update(key=["id"]), "'id' is no column of sales."),
    (lambda t: export(t).update(dated_by="day"), "'day' is no column of sales."),
    (lambda t: t["config"]["meta"].pop("export"), "config.meta.export is missing."),
    (lambda t: t.pop("config"), "config.meta.export is missing."),
    (lambda t: t.update(config=None), "config.meta.export is missing."),
    (lambda t: t.pop("columns"), "columns is missing."),
    (lambda t: t["columns"][1].pop("data_type"), "column sold_at: the field data_type is missing"),
    (lambda t: t["columns"][1].update(data_type="varchar"), "column sold_at: data_type: Input should be 'text', "),
    (lambda t: t["columns"].append({"name": "sale_id", "data_type": "text"}), "the column sale_id is declared twice."),
    (lambda t: t["columns"][1].update(config={"meta": {"money": True}}),
     "column sold_at: it is money and timestamp; money is decimal(18,4)."),
    (lambda t: t["columns"].append({"data_type": "text"}), "column 4: the field name is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), MISTAKES)
def test_a_mistake_in_a_declaration_is_a_sentence_that_names_file_source_and_field(
    company: Any, sales: dict[str, Any], spoil: Callable[[dict[str, Any]], Any], words: str
) -> None:
    spoiled = copy.deepcopy(sales)
    spoil(spoiled)

    with pytest.raises(ConfigurationError) as raised:
        declared(company, spoiled)
    assert f"/crm/crm.yml: source crm.sales: {words}" in str(raised.value)


def test_layouts_do_not_stand_in_the_declaration_of_an_entity(company: Any, sales: dict[str, Any]) -> None:
    path = company.settings.dbt_project / "models" / "staging" / "crm" / "crm.yml"
    path.write_text(yaml.safe_dump({"sources": [{"name": "crm", "tables": [sales]}]}), encoding="utf-8")

    with pytest.raises(
        ConfigurationError, match=r"how a tool writes it stands in layouts/<tool>\.yml; move its layouts"
    ):
        read(company)


def test_a_code_is_text_that_is_told_apart(company: Any, declared_table: Callable[..., dict[str, Any]]) -> None:
    [entity] = declared(company, declared_table("sales", {"sale_id": "code!", "note": "text"}))

    assert [(column.data_type, column.is_code) for column in entity.columns] == [("text", True), ("text", False)]


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
    path = company.settings.dbt_project / "models" / "staging" / "crm" / "crm.yml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert "/crm/crm.yml: " in str(raised.value)
    assert words in str(raised.value)


def test_an_unknown_system_is_a_sentence(company: Any, sales: dict[str, Any]) -> None:
    export(sales).pop("layouts")
    path = company.settings.dbt_project / "models" / "staging" / "crm" / "crm.yml"
    path.write_text(yaml.safe_dump({"sources": [{"name": "erp", "tables": [sales]}]}), encoding="utf-8")

    with pytest.raises(
        ConfigurationError, match=r"source erp\.sales: system: Input should be 'analytics', 'crm' or 'hr'"
    ):
        read(company)


def test_two_entities_of_one_name_are_refused_because_they_would_share_a_table(
    company: Any, sales: dict[str, Any]
) -> None:
    company.declare("hr", sales)

    with pytest.raises(ConfigurationError, match="sales is declared by crm and hr"):
        read(company)


def test_a_project_without_declarations_asks_for_the_project_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no export is declared there; is KPI_PROJECT right"):
        read_entities(tmp_path, [])


# --- layouts ---

LAYOUT_MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"columns": {"sale_id": "Id", "sale": "Id"}}, "it names sale, which is no column of sales."),
    ({"columns": {"sold_at": "At"}}, "it does not say where sale_id comes from."),
    ({"formats": {"when": "%Y"}}, "it names when, which is no column of sales."),
    ({"formats": {"updated_at": "%Y"}}, "it names updated_at, which is no column of sales."),
    ({"scale": {"sale_id": 10}}, "it scales sale_id, which is text; only decimal(18,4) can be scaled."),
    ({"formats": {"amount": "%d"}}, "it gives a date format for amount, which is decimal(18,4)."),
    ({"currency": "USD"}, "it says a currency, and sales has no money."),
    ({"times": {"sale_id": "Pieces"}}, "it scales sale_id, which is text; only decimal(18,4) can be scaled."),
    ({"currency": {"header": "Currency", "rate": 1}},
     "the field currency.column.rate is unknown; remove it or correct its name."),
    ({"currency": "EURO"},
     "currency.code: 'EURO' is no currency; give an ISO 4217 code such as EUR, or IRT for the toman."),
    ({"format": "jsonl", "columns": {"sale_id": "Id", "amount": "Sum ({currency})"}},
     "only a csv or xlsx file names a currency in a header, such as Sum ({currency})."),
    ({"timezone": "Tehran"}, "timezone: 'Tehran' is not a time zone; give an IANA name such as Asia/Tehran."),
    ({"timezone": "Asia"}, "timezone: 'Asia' is not a time zone; give an IANA name such as Asia/Tehran."),
    ({"files": "crm/{date:%Y}_{date:%m}"},
     "files: crm/{date:%Y}_{date:%m} has two dates; the one that is not the day of the export is a *."),
    ({"format": "xls"}, "format: Input should be 'csv', 'jsonl', 'parquet' or 'xlsx'."),
    ({"header": "Id"}, "the field header is unknown; remove it or correct its name."),
    ({"entity": "sale"}, "there is no entity sale; the nearest is sales."),
    ({"entity": "weather"}, "there is no entity weather; there are sales."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), LAYOUT_MISTAKES)
def test_a_mistake_in_a_layout_is_a_sentence_that_names_file_layout_and_field(
    company: Any, sales: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    company.declare("crm", sales)
    path = write_layouts(
        company.settings.project, "other.yml", layout(**{"name": "other", "files": "crm/other*", **given})
    )

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert str(raised.value) == f"{path}: layout other: {words}"


@pytest.mark.parametrize("field", ["name", "entity", "files", "format", "columns"])
def test_a_layout_without_a_required_field_is_a_sentence(company: Any, field: str) -> None:
    given = layout()
    del given[field]
    path = write_layouts(company.settings.project, "tool.yml", given)

    with pytest.raises(ConfigurationError, match=f"{re.escape(str(path))}: layout .*: the field {field} is missing"):
        read(company)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layouts: [", "this is not YAML"),
        ("", "it needs a list of layouts."),
        ("layouts: {name: tool}", "it needs a list of layouts."),
        ("- name: tool\n", "it needs a list of layouts."),
        ("layouts: [tool]", "it needs a list of layouts."),
    ],
)
def test_a_file_that_has_no_layouts_is_a_sentence_that_names_it(company: Any, text: str, words: str) -> None:
    path = write_layouts(company.settings.project, "tool.yml")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert str(raised.value).startswith(f"{path}: {words}")


def test_all_mistakes_in_layouts_are_told_at_once(company: Any, sales: dict[str, Any]) -> None:
    company.declare("crm", sales)
    write_layouts(company.settings.project, "a.yml", layout(name="a", files="crm/a*", format="xls"))
    write_layouts(company.settings.project, "b.yml", layout(name="b", files="crm/b*", shape="round"))

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert [line.split(": ")[1] for line in str(raised.value).splitlines()] == ["layout a", "layout b"]


def test_two_layouts_of_an_entity_have_two_names(company: Any) -> None:
    first = write_layouts(company.settings.project, "a.yml", layout())
    second = write_layouts(company.settings.project, "b.yml", layout(files="crm/other*"))

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert str(raised.value) == (
        f"{second}: layout tool: {first} has a layout of sales with this name; give one of them another."
    )


def test_two_layouts_of_an_entity_never_claim_the_same_file(company: Any) -> None:
    first = write_layouts(company.settings.project, "a.yml", layout(name="a", files="crm/sold_{date:%Y-%m}*"))
    second = write_layouts(company.settings.project, "b.yml", layout(name="b", files="crm/sold_*_total"))

    with pytest.raises(ConfigurationError) as raised:
        read(company)
    assert str(raised.value) == (
        f"{second}: layout b: it can claim the same file as layout a in {first}; "
        "make crm/sold_*_total and crm/sold_{date:%Y-%m}* exclude each other."
    )


def test_layouts_of_two_entities_may_claim_the_same_file(
    company: Any, sales: dict[str, Any], declared_table: Callable[..., dict[str, Any]]
) -> None:
    buyers = declared_table("buyers", {"sale_id": "text!"}, layouts=[layout(entity="buyers")])
    company.declare("crm", sales, buyers)

    assert [(entity.name, [layout.name for layout in entity.layouts]) for entity in read(company)] == [
        ("buyers", ["tool"]), ("sales", ["tool"]),
    ]  # fmt: skip


def test_a_companys_layouts_stand_beside_the_products_and_replace_those_of_the_same_name(
    new_company: Callable[..., Any], sales: dict[str, Any], tmp_path: Path
) -> None:
    own = layout(files="crm/tool_*", delimiter=";")
    write_layouts(tmp_path / "ours", "tools.yml", own, layout(name="own", files="crm/own*"))
    company = new_company(company=tmp_path / "ours")
    [entity] = declared(company, sales)

    assert [(layout.name, layout.files) for layout in entity.layouts] == [("tool", "crm/tool_*"), ("own", "crm/own*")]
    assert (entity.layouts[0].delimiter, entity.layouts[1].delimiter) == (";", None)


def test_a_company_need_not_have_layouts(
    new_company: Callable[..., Any], sales: dict[str, Any], tmp_path: Path
) -> None:
    [entity] = declared(new_company(company=tmp_path), sales)

    assert [layout.name for layout in entity.layouts] == ["tool"]


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


PATTERNS = (
    st.lists(st.sampled_from(["a", "1", "-", "/", "*", "{date:%Y}"]), max_size=5)
    .map("".join)
    .filter(lambda files: files.count("{date:") <= 1)
)
NAMES = st.text("a1-/.", max_size=6)


@given(one=PATTERNS, other=PATTERNS, names=st.lists(NAMES, min_size=5, max_size=10))
def test_layouts_that_exclude_each_other_claim_no_file_in_common(one: str, other: str, names: list[str]) -> None:
    first, second = (Layout.model_validate(layout(files=files)) for files in (one, other))
    common = [name for name in names if first.claims(f"{name}.csv") and second.claims(f"{name}.csv")]

    assert can_claim_one_file(first, second) == can_claim_one_file(second, first)
    assert can_claim_one_file(first, second) or not common


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("crm/a*", "crm/a*", True),
        ("crm/a*", "crm/b*", False),
        ("crm/a*", "crm/*b", True),
        ("crm/a*", "hr/a*", False),
        ("crm/*", "crm/a/b", False),
        ("crm/a_{date:%Y-%m}", "crm/a_2024*", True),
        ("crm/a_{date:%Y-%m}*", "crm/a_total_{date:%Y-%m}*", False),
        ("crm/a_{date:%Y-%m}", "crm/a_", False),
        ("crm/a", "crm/a*", True),
    ],
)
def test_whether_two_patterns_can_claim_one_file(one: str, other: str, both: bool) -> None:
    first, second = (Layout.model_validate(layout(files=files)) for files in (one, other))

    assert can_claim_one_file(first, second) is both
    assert can_claim_one_file(first, Layout.model_validate(layout(files=other, format="jsonl"))) is False


def test_the_date_of_a_file_is_read_as_its_pattern_says() -> None:
    monthly = Layout.model_validate(layout(files="crm/orders_{date:%Y-%m}"))

    assert monthly.file_date("crm/orders_2024-02.csv") == dt.datetime(2024, 2, 1)
    assert Layout.model_validate(layout()).file_date("crm/tool_2024-02.csv") is None


TWO_NAMES = ["crm/ours_{date:%Y-%m-%d}", "crm/Button (*) {date:%Y%m%d}"]


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("crm/ours_2024-02-01.csv", dt.datetime(2024, 2, 1)),
        ("crm/Button (all fields) 20240201.csv", dt.datetime(2024, 2, 1)),
        ("crm/Button (all fields) 20240201 (1).CSV", dt.datetime(2024, 2, 1)),
        ("crm/backup.zip/deep/ours_2024-02-01.csv", dt.datetime(2024, 2, 1)),
    ],
)
def test_the_files_of_a_layout_may_have_several_names(path: str, day: dt.datetime) -> None:
    two = Layout.model_validate(layout(files=TWO_NAMES))

    assert two.claims(path)
    assert two.file_date(path) == day
    assert two.name_for(day.date()) == "crm/ours_2024-02-01"
    assert not two.claims(path.replace("ours", "theirs").replace("Button", "button"))


def test_two_layouts_exclude_each_other_in_all_of_their_names() -> None:
    two, other = (Layout.model_validate(layout(files=files)) for files in (TWO_NAMES, ["crm/x", "crm/Button*"]))

    assert can_claim_one_file(two, other)
    assert not can_claim_one_file(two, Layout.model_validate(layout(files=["crm/x", "crm/y*"])))


def test_a_tools_own_layout_comes_before_the_canonical_one(company: Any, sales: dict[str, Any]) -> None:
    export(sales)["layouts"] = [layout(name="own", files="crm/sales_own*")]
    [entity] = declared(company, sales)

    names = [found.name if (found := entity.layout_of(path)) else None for path in (
        "crm/sales_own.csv", "crm/sales_own.jsonl", "crm/sales.csv", "crm/sales.pdf",
    )]  # fmt: skip
    assert names == ["own", "canonical_jsonl", "canonical_csv", None]


@pytest.mark.parametrize(
    ("file", "day"),
    [
        ("crm/sales.csv", None),
        ("crm/sales_2024-06.csv", None),
        ("crm/sales_2024-06-30.csv", dt.datetime(2024, 6, 30)),
        ("crm/sales-2024-06-30_part1.csv.gz", dt.datetime(2024, 6, 30)),
        ("crm/sales_2024-01-01_2024-06-30.xlsx", dt.datetime(2024, 6, 30)),
        ("crm/sales_12024-06-301.csv", None),
    ],
)
def test_a_file_in_our_own_columns_may_carry_its_day_in_its_name(
    company: Any, sales: dict[str, Any], file: str, day: dt.datetime | None
) -> None:
    [entity] = declared(company, sales)
    found = entity.layout_of(file)

    assert found is not None
    assert found.name.startswith("canonical_")
    assert found.file_date(file) == day


def test_what_looks_like_a_day_in_the_name_of_a_file_and_is_none_is_refused(company: Any) -> None:
    loaded = company.load("crm/sales_2024-06-31.csv", "sale_id,sold_at\na,2024-01-01\n")

    assert loaded.status == "refused"
    assert loaded.reason.startswith("its name should carry a date as in crm/sales*: ")
