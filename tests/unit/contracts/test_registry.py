"""The registry and the targets: what somebody must decide, and how they are told what is missing."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_pipeline.contracts.domain import Domain, Names, Title, read_names
from kpi_pipeline.contracts.kpi import kpi_files, read_kpi, read_registry
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.contracts.unit import UNITS
from kpi_pipeline.errors import ConfigurationError

META: dict[str, Any] = {
    "title": {"en": "Order value", "fa": "ارزش سفارش"},
    "description_fa": "میانگین ارزش سفارش‌ها.",
    "formula": "revenue / orders",
    "why": "Tells what an order is worth.",
    "unit": "currency",
    "range": [0, None],
    "good": "up",
    "kind": "ratio",
    "dated_by": "orders.ordered_on",
    "cadence": "month",
    "dimensions": ["channel"],
    "owner": "sales",
    "objective": "sell_more",
    "success_factor": "Baskets",
    "level": "kpi",
    "sets": [],
    "review_by": dt.date(2027, 1, 1),
    "version": 1,
}


SALES, SELL_MORE = Title(en="Sales", fa="فروش"), Title(en="Sell more", fa="فروش بیشتر")
NAMES = Names({}, {"sales": SALES}, {"sell_more": SELL_MORE})
MAY_BE_LEFT_OUT = {"sets", "range"}


def document(name: str = "order_value", **meta: Any) -> dict[str, Any]:
    return {
        "models": [
            {"name": name, "description": "What it is.", "config": {"meta": {"kpi": {**copy.deepcopy(META), **meta}}}}
        ],
        "unit_tests": [{"name": "one"}],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(content: Any, name: str = "sales/order_value.yml") -> Path:
        path = tmp_path / "kpi_models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        for field, key in (("owner", "sales"), ("objective", "sell_more")):
            titles = tmp_path / "kpi_models" / f"{field}s.csv"
            titles.write_text(f"key,title_en,title_fa\n{key},A title,یک عنوان\n", encoding="utf-8")
        return path

    return write


def complaint(path: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        read_kpi(path, NAMES)
    return str(raised.value)


def test_a_kpi_is_read_with_its_name_domain_and_unit_tests(write: Callable[..., Path]) -> None:
    kpi = read_kpi(write(document()), NAMES)

    assert (kpi.name, kpi.domain, kpi.unit_tests, kpi.range) == ("order_value", "sales", ("one",), (0, None))
    assert kpi.sql_path.name == "order_value.sql"


def test_the_kpis_that_ship_are_in_order_by_domain_and_name(real_project: Path) -> None:
    found = [(kpi.domain, kpi.name) for kpi in read_registry(real_project / "kpi_models")]

    assert found == sorted(found)
    assert ("web", "page_views") in found
    assert all(not domain.startswith("_") for domain, _ in found)


@pytest.mark.parametrize("field", [field for field in META if field not in MAY_BE_LEFT_OUT])
def test_every_field_is_required_and_its_absence_is_a_sentence(write: Callable[..., Path], field: str) -> None:
    given = document()
    del given["models"][0]["config"]["meta"]["kpi"][field]
    path = write(given)

    assert complaint(path) == f"{path}: the field {field} is missing; every field is required."


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"colour": "red"}, "the field colour is unknown; remove it or correct its name."),
        ({"unit": "kg"}, "unit: Input should be 'count', 'percent'"),
        ({"good": "sideways"}, "good: Input should be 'up', 'down' or 'zero'."),
        ({"kind": "average"}, "kind: Input should be 'sum', 'ratio'"),
        ({"range": [1, 0]}, "range: the smallest value 1.0 is above the largest 0.0."),
        ({"range": [0]}, "the field range.1 is missing"),
        ({"range": None}, "range: Input should be a valid tuple."),
        ({"dated_by": "Orders"}, "dated_by: String should match pattern"),
        ({"cadence": "fortnight"}, "cadence: Input should be 'day', 'week'"),
        ({"dimensions": ["Channel"]}, "dimensions.0: String should match pattern"),
        ({"title": {"en": "x"}}, "the field title.fa is missing; every field is required."),
        ({"title": {"en": "x", "fa": "  "}}, "title.fa: String should have at least 1 character."),
        ({"owner": ""}, "there is no owner '' in owners.csv; name one of its keys, or add a line there."),
        ({"owner": "sale"}, "there is no owner 'sale' in owners.csv; did you mean sales?"),
        ({"owner": 7}, "owner: Input should be a valid string."),
        ({"objective": "Sell more"}, "there is no objective 'Sell more' in objectives.csv; did you mean sell_more?"),
        ({"review_by": ""}, "review_by: Input should be a valid date"),
        ({"version": 0}, "version: Input should be greater than or equal to 1."),
        ({"level": "vain"}, "level: Input should be 'kpi', 'metric' or 'vanity'."),
    ],
)
def test_a_wrong_field_is_a_sentence_that_names_it(
    write: Callable[..., Path], meta: dict[str, Any], words: str
) -> None:
    path = write(document(**meta))

    assert complaint(path).startswith(f"{path}: {words}")
    assert complaint(path).count("\n") == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("models: [", "this is not YAML"),
        ("", "it needs one model with our fields under config.meta.kpi."),
        ("models: []", "it needs one model with our fields under config.meta.kpi."),
        ("models: [order_value]", "it needs one model with our fields under config.meta.kpi."),
        ("models: [{name: order_value, config: {meta: {kpi: }}}]", "it needs one model with our fields"),
        (document("other"), "the model is called other; call it order_value, as the file."),
        (
            {**document(), "models": document()["models"] * 2},
            "it has 2 models; a KPI is one model in a file of its own.",
        ),
    ],
)
def test_a_file_that_is_no_kpi_is_a_sentence(write: Callable[..., Path], content: Any, words: str) -> None:
    path = write(content)

    assert complaint(path).startswith(f"{path}: ")
    assert words in complaint(path)


def test_a_file_in_another_encoding_is_a_sentence(write: Callable[..., Path]) -> None:
    path = write("")
    path.write_bytes("title: سلام".encode("windows-1256"))

    assert complaint(path) == f"{path}: this is not UTF-8 text; save it as UTF-8."


def test_a_kpi_without_description_or_with_empty_unit_tests_is_told_so(write: Callable[..., Path]) -> None:
    given = document()
    del given["models"][0]["description"]
    assert "description: String should have at least 1 character." in complaint(write(given))

    given = {**document(), "unit_tests": None}
    assert read_kpi(write(given), NAMES).unit_tests == ()

    given = {**document(), "unit_tests": [{"model": "order_value"}]}
    assert "unit_tests.0: Input should be a valid string." in complaint(write(given))


def test_what_a_domain_and_a_unit_say_need_not_be_said_again(write: Callable[..., Path]) -> None:
    given = document()
    fields = given["models"][0]["config"]["meta"]["kpi"]
    for field in ("owner", "review_by", "range", "sets"):
        del fields[field]
    domain = Domain(title=SALES, owner="sales", review_by=dt.date(2030, 1, 1))
    kpi = read_kpi(write(given), Names({"sales": domain}, NAMES.owners, NAMES.objectives))

    assert (kpi.owner, kpi.review_by, kpi.range, kpi.sets) == ("sales", dt.date(2030, 1, 1), (None, None), [])
    assert (kpi.domain_title, kpi.owner_title, kpi.objective_title) == (SALES, SALES, SELL_MORE)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_without_a_range_of_its_own_asks_for_one(write: Callable[..., Path], unit: str) -> None:
    given = document(unit=unit)
    del given["models"][0]["config"]["meta"]["kpi"]["range"]
    path = write(given)

    if UNITS[unit].range is None:
        assert complaint(path) == f"{path}: the field range is missing; every field is required."
    else:
        assert read_kpi(path, NAMES).range == UNITS[unit].range


DOMAIN = """groups:
  - name: sales
    owner: {name: sales}
    config: {meta: {domain: {title: {en: Sales, fa: فروش}, review_by: 2030-01-01}}}
"""


def test_a_domain_is_a_dbt_group_beside_its_kpis(write: Callable[..., Path], tmp_path: Path) -> None:
    write(DOMAIN, "sales/_sales.yml")
    names = read_names(tmp_path / "kpi_models")

    assert names.domains == {"sales": Domain(title=SALES, owner="sales", review_by=dt.date(2030, 1, 1))}
    assert names.objectives == {"sell_more": Title(en="A title", fa="یک عنوان")}


@pytest.mark.parametrize(
    ("content", "file", "words"),
    [
        ("groups: [", "sales/_sales.yml", "this is not YAML"),
        ("groups: []", "sales/_sales.yml", "it needs one group with owner.name"),
        (DOMAIN, "sales/_other.yml", "file and group are called as their folder: _sales.yml and sales."),
        (DOMAIN.replace("name: sales\n", "name: shop\n"), "sales/_sales.yml", "file and group are called as"),
        (DOMAIN.replace("2030-01-01", "soon"), "sales/_sales.yml", "review_by: Input should be a valid date"),
        (DOMAIN.replace("{name: sales}", "{name: nobody}"), "sales/_sales.yml",
         "there is no owner nobody in owners.csv; add a line there."),
    ],
)  # fmt: skip
def test_a_wrong_domain_is_a_sentence(
    write: Callable[..., Path], tmp_path: Path, content: str, file: str, words: str
) -> None:
    path = write(content, file)

    with pytest.raises(ConfigurationError) as raised:
        read_names(tmp_path / "kpi_models")
    assert str(raised.value).startswith(f"{path}: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key,title_en\nsales,Sales\n", "line 1: the header lacks title_fa; separate the columns by commas."),
        ("key,title_en,title_fa\nsales,Sales,\n", "line 2: fa: String should have at least 1 character."),
        ("key,title_en,title_fa\nsales,Sales,x\nsales,Sold,x\n", "line 3: another line has the key sales."),
        ("key,title_en,title_fa\nsales,Sales\n", "line 2: it has fewer cells than the header has names."),
    ],
)
def test_wrong_titles_are_a_sentence_with_their_line(
    write: Callable[..., Path], tmp_path: Path, text: str, words: str
) -> None:
    write(document())
    (tmp_path / "kpi_models" / "owners.csv").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=re.escape(f"owners.csv {words}")):
        read_names(tmp_path / "kpi_models")


def test_all_problems_of_all_files_are_told_at_once(write: Callable[..., Path], tmp_path: Path) -> None:
    write(document(unit="kg"))
    write(document("growth", good="sideways", kind="x"), "sales/growth.yml")

    with pytest.raises(ConfigurationError) as raised:
        read_registry(tmp_path / "kpi_models")
    assert len(str(raised.value).splitlines()) == 3


def test_a_name_in_two_domains_is_told_for_both_files(write: Callable[..., Path], tmp_path: Path) -> None:
    write(document())
    write(document(), "web/order_value.yml")

    with pytest.raises(ConfigurationError) as raised:
        read_registry(tmp_path / "kpi_models")
    assert str(raised.value).count("there is another KPI called order_value; names are unique over all domains.") == 2


def test_a_folder_with_an_underscore_holds_no_kpis(write: Callable[..., Path], tmp_path: Path) -> None:
    write("not a KPI", "_template/kpi.yml")

    assert kpi_files(tmp_path / "kpi_models") == []


# --- targets ---

COLUMNS = "kpi,dimension,member,period_grain,valid_from,valid_to,baseline,target,benchmark,at_risk_at,off_track_at"


def targets_of(tmp_path: Path, write: Callable[..., Path], *lines: str, header: str = COLUMNS) -> list[Any]:
    kpi = read_kpi(write(document()), NAMES)
    (tmp_path / "kpi_models" / "targets.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_targets(tmp_path / "kpi_models", [kpi])


def test_targets_are_read_with_empty_cells_as_none(tmp_path: Path, write: Callable[..., Path]) -> None:
    [target] = targets_of(
        tmp_path, write, "order_value,all,all,month,2024-01-01,,28.5,30,,,", header="\ufeff" + COLUMNS
    )

    assert (target.target, target.baseline, target.valid_to, target.at_risk_at) == (30, 28.5, None, None)


def test_without_a_file_there_are_no_targets(tmp_path: Path) -> None:
    assert read_targets(tmp_path, []) == []


def test_the_targets_that_ship_are_in_order(real_project: Path) -> None:
    assert read_targets(real_project / "kpi_models", read_registry(real_project / "kpi_models")) != []


GOOD_LINE = "order_value,all,all,month,2024-01-01,2024-06-30,,30,,,"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sales,all,all,month,2025-01-01,,,30,,,", "there is no KPI called sales."),
        ("order_value,region,all,month,2025-01-01,,,30,,,", "order_value has no dimension region."),
        ("order_value,all,all,fortnight,2025-01-01,,,30,,,", "period_grain: 'fortnight' is no period grain"),
        ("order_value,all,all,month,1 May,,,30,,,", "valid_from: Input should be a valid date"),
        ("order_value,all,all,month,,,,30,,,", "valid_from: Input should be a valid date"),
        ("order_value,all,all,month,2025-01-01,,,thirty,,,", "target: Input should be a valid number"),
        ("order_value,all,all,month,2025-01-01,,,nan,,,", "target: Input should be a finite number."),
        ("order_value,all,all,month,2025-01-01,,,inf,,,", "target: Input should be a finite number."),
        ("order_value,all,all,month,2025-02-01,2025-01-31,,30,,,", "valid_to 2025-01-31 is before valid_from"),
        (
            "order_value,all,all,month,2024-06-30,,,31,,,",
            "another line sets a target for the same KPI, member and days.",
        ),
        ("order_value,all,all,month,2025-01-01,,,30,,,,extra", "it has more cells than the header has names."),
        ("order_value,all,all", "it has fewer cells than the header has names."),
    ],
)
def test_a_wrong_target_is_a_sentence_with_its_line(
    tmp_path: Path, write: Callable[..., Path], line: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        targets_of(tmp_path, write, GOOD_LINE, "", line)
    assert f"targets.csv line 4: {words}" in str(raised.value)


def test_a_header_without_a_column_is_told_once_not_per_line(tmp_path: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        targets_of(tmp_path, write, *["order_value,all"] * 3, header="kpi,dimension")
    assert str(raised.value).endswith(
        "targets.csv line 1: the header lacks member, period_grain, valid_from, valid_to, baseline, target, benchmark, "
        "at_risk_at, off_track_at; separate the columns by commas."
    )


def test_targets_in_another_encoding_are_a_sentence(tmp_path: Path, write: Callable[..., Path]) -> None:
    write(document())
    (tmp_path / "kpi_models" / "targets.csv").write_bytes((COLUMNS + "\nسلام").encode("utf-16"))

    with pytest.raises(ConfigurationError, match=r"targets\.csv: this is not UTF-8 text; save it as CSV UTF-8"):
        read_targets(tmp_path / "kpi_models", [])


def test_targets_that_follow_each_other_or_differ_in_member_are_no_conflict(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    assert len(
        targets_of(
            tmp_path, write, GOOD_LINE, "order_value,all,all,month,2024-07-01,,,31,,,",
            "order_value,channel,web,month,2024-01-01,,,31,,,", "order_value,all,all,week,2024-01-01,,,31,,,",
        )
    ) == 4  # fmt: skip
