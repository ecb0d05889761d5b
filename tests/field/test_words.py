"""Closed columns: their words are ours however they are spelled, and one that nobody knows is told."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import Column, Entity, read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.ingest.values import folded, looked_up
from kpi_pipeline.warehouse.connection import connect, literal, rows
from tests.company import ROOT, Company

FIELD = Path(__file__).parent
ENTITIES = read_entities(ROOT / "dbt_project", load_settings(_env_file=None).layout_folders)
CLOSED = [(entity, column) for entity in ENTITIES for column in entity.columns if column.words]
BY_ENTITY_AND_COLUMN = pytest.mark.parametrize(
    ("entity", "column"), [pytest.param(*each, id=f"{each[0].name}.{each[1].name}") for each in CLOSED]
)


def of_case(case: str, folder: Path, exports: str = "exports") -> Company:
    shutil.copytree(FIELD / case / exports, folder / "exports")
    return Company.at(folder, timezone="UTC", currency="USD")


def loads_of(company: Company) -> dict[str, FileLoad]:
    files = ingest(company.settings).files
    for file in files:
        assert file.rows_read == file.rows_typed + file.rows_left_out + file.rows_quarantined + file.rows_refused
    return {file.entity: file for file in files}


def in_raw(company: Company, entity: str, column: str) -> list[Any]:
    with connect(company.settings) as connection:
        return [row[column] for row in rows(connection, f"select {column} from raw.{entity} order by _load, _row, 1")]


def test_f09_words_with_capitals_are_ours_and_others_are_named(tmp_path: Path) -> None:
    company = of_case("f09_words_of_closed_columns", tmp_path)
    loads = loads_of(company)
    assert {file.status for file in loads.values()} == {"loaded"}
    assert sorted(in_raw(company, "orders", "status")) == ["completed", "completed", "fulfilled", "paid"]
    assert in_raw(company, "survey_responses", "survey_type") == ["nps"] * 3
    assert sorted(in_raw(company, "email_events", "event_type")) == ["delivered", "delivered", "open"]
    assert sorted(in_raw(company, "employees", "employment_type")) == ["contractor", "full_time", "full_time"]
    assert loads["orders"].warnings == (
        'status has words that nobody knows: "fulfilled" (1 row), "paid" (1); it knows completed, cancelled, returned, '
        "pending: write them so"
    )
    assert not any(loads[entity].warnings for entity in ("survey_responses", "email_events", "employees"))


def test_f13_kinds_of_contract_are_ours_however_their_parts_are_kept_apart(tmp_path: Path) -> None:
    company = of_case("f13_persian_spelling", tmp_path, "exports_e_kind")
    loads = loads_of(company)
    assert loads["employees"].warnings == ""
    kinds = in_raw(company, "employees", "employment_type")
    assert {kind: kinds.count(kind) for kind in kinds} == {"full_time": 8, "part_time": 3, "contractor": 1}


def write_orders(company: Company, *words: str, name: str = "crm/orders_2026-09.csv") -> None:
    lines = [f"o{number},2026-09-01,{word},10" for number, word in enumerate(words)]
    company.write(name, "order_id,ordered_at,status,revenue\n" + "\n".join(lines) + "\n")


def test_the_most_frequent_of_many_unknown_words_are_named_and_the_others_counted(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    unknown = [f"word {number}" for number in range(7) for _ in range(7 - number)]
    write_orders(company, "completed", *unknown, "long " * 20)
    warning = loads_of(company)["orders"].warnings
    assert '"word 0" (7 rows), "word 1" (6), "word 2" (5), "word 3" (4), "word 4" (3) and 3 more; it knows' in warning


def test_a_long_unknown_word_is_shown_in_part(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    write_orders(company, "long " * 20)
    assert '"long long long long long long long long…" (1 row)' in loads_of(company)["orders"].warnings.replace(
        " …", "…"
    )


def test_unknown_words_reach_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    company = Company.at(tmp_path)
    write_orders(company, "paid")
    ingest(company.settings)
    assert 'crm/orders_2026-09.csv: status has words that nobody knows: "paid" (1 row)' in caplog.text


def test_words_that_differ_in_spelling_alone_do_not_make_two_keys(tmp_path: Path) -> None:
    """A key may hold a closed column: its words are ours before rows are compared."""
    company = Company.at(tmp_path)
    rows = "2026-09-01,Media,web,c,100\n2026-09-01,media,web,c,100\n"
    company.write("crm/marketing_spend_1.csv", f"date,category,channel,campaign,amount\n{rows}")
    assert [file.rows_added_up for file in ingest(company.settings).files] == [1]


def hubspot_deals(company: Company, stages: list[str]) -> str:
    layout = next(layout for entity in ENTITIES for layout in entity.layouts if layout.name == "hubspot_deals_internal")
    headers = sorted({header for given in layout.headers.values() for header in given} | {layout.updated_at or ""})
    value = {layout.headers["opportunity_id"][0]: "d{}", layout.headers["created_at"][0]: "2026-09-01 10:00",
             layout.headers["outcome"][0]: "{}", layout.updated_at: "2026-09-01 10:00"}  # fmt: skip
    line = ",".join(value.get(header, "") for header in headers)
    placed = [line.replace("d{}", f"d{number}").replace("{}", stage) for number, stage in enumerate(stages)]
    company.write("crm/hubspot_deals.csv", "\n".join([",".join(headers), *placed]) + "\n")
    return loads_of(company)["opportunities"].warnings


def test_words_that_only_otherwise_explains_are_warned_about_where_they_are_many(tmp_path: Path) -> None:
    company = Company.at(tmp_path)
    warning = hubspot_deals(company, ["closedwon"] * 18 + ["4711"] * 2)
    assert warning == (
        "outcome has words that layout hubspot_deals_internal of opportunities does not list and takes for open: "
        '"4711" (2 rows); that is 2 of 20 rows. Add them to its values'
    )
    assert sorted(in_raw(company, "opportunities", "outcome")) == ["open"] * 2 + ["won"] * 18
    assert in_raw(company, "opportunities", "stage").count("4711") == 2


def test_a_few_words_that_only_otherwise_explains_stand_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert hubspot_deals(Company.at(tmp_path), ["Closed-Won"] * 19 + ["4711"]) == ""
    assert 'takes for open: "4711" (1 row)' in caplog.text


SEPARATORS = [" ", "  ", "_", "\u00a0", "\u200c", "\u200c ", " - ", "-", "\u2011", ""]
LETTERS = {"ی": "يى", "ک": "ك", "ه": "هةۀ"}


@st.composite
def spelled(draw: st.DrawFn, word: str) -> str:
    """`word` in another of the ways in which people write it."""
    parts = word.replace("_", " ").split(" ")
    text = parts[0]
    for part in parts[1:]:
        text += draw(st.sampled_from(SEPARATORS)) + part
    text = "".join(draw(st.sampled_from(letter + LETTERS.get(letter, ""))) for letter in text)
    text = draw(st.sampled_from([str.lower, str.upper, str.title]))(text)
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)
    return draw(st.sampled_from(["", " ", "\u00a0", "\u200f"])) + text + draw(st.sampled_from(["", " ", "\u00a0"]))


@BY_ENTITY_AND_COLUMN
@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_a_word_is_ours_however_it_is_spelled(entity: Entity, column: Column, data: st.DataObject) -> None:
    meanings = {other: word for word, others in column.words.items() for other in (word, *others)}
    word = data.draw(st.sampled_from(sorted(meanings)))
    text = data.draw(spelled(word))
    assert duckdb.sql(f"select {looked_up(literal(text), meanings)}").fetchone() == (meanings[word],)


@pytest.mark.parametrize(("one", "other"), [("A", "A-"), ("5", "-5"), ("1824", "18-24"), ("paid", "unpaid")])
def test_what_means_another_thing_is_not_folded_into_one(one: str, other: str) -> None:
    assert duckdb.sql(f"select {folded(literal(one))} <> {folded(literal(other))}").fetchone() == (True,)


@BY_ENTITY_AND_COLUMN
def test_no_word_of_a_column_means_two_things(entity: Entity, column: Column) -> None:
    spellings = [(text, word) for word, others in column.words.items() for text in (word, *others)]
    _mean_one_thing(spellings)


@pytest.mark.parametrize("layout", [layout for entity in ENTITIES for layout in entity.layouts], ids=lambda x: x.name)
def test_no_word_of_a_layout_means_two_things_and_each_means_a_word_of_ours(layout: Layout) -> None:
    entity = next(entity for entity in ENTITIES if entity.name == layout.entity)
    for name, meanings in layout.values.items():
        column = entity.column(name)
        if column.data_type == "text":
            _mean_one_thing(list(meanings.items()))
        if column.words:
            ours = {*meanings.values(), *([layout.otherwise[name]] if name in layout.otherwise else [])}
            assert ours <= column.words.keys()


def _mean_one_thing(spellings: list[tuple[str, str]]) -> None:
    meanings: dict[str, set[str]] = {}
    for text, word in spellings:
        key = duckdb.sql(f"select {folded(literal(text))}").fetchone()
        meanings.setdefault(str(key), set()).add(word)
    assert {key: words for key, words in meanings.items() if len(words) > 1} == {}


OPEN = {
    "event_name": "a tool's own events are welcome, and signup may be another one than sign_up",
    "medium": "it is what people write into their links",
    "kind": "SQL asks for that of a site, which is in no export",
    "channel": "where the tool has none, it is worked out",
}
"""Columns whose words SQL compares and that are not closed, with the reason."""

COMPARED = re.compile(r"\b(\w+) (?:=|<>|in|not in) (\(?'[^\n)]*'\)?)")


def test_every_word_that_sql_compares_a_closed_column_with_is_a_word_of_it() -> None:
    """By name of the column: SQL calls it as its entity does."""
    of_entities = {column.name for entity in ENTITIES for column in entity.columns if column.data_type == "text"}
    words: dict[str, set[str]] = {}
    for _, column in CLOSED:
        words.setdefault(column.name, set()).update(column.words)
    compared = [
        (path.name, column, word)
        for folder in ("dbt_project/models/staging", "dbt_project/models/entities", "kpi_models")
        for path in (ROOT / folder).rglob("*.sql")
        for column, listed in COMPARED.findall(path.read_text(encoding="utf-8"))
        if column in of_entities and column not in OPEN
        for word in re.findall("'([^']*)'", listed)
    ]
    assert len(compared) > 30
    assert [each for each in compared if each[2] and each[2] not in words.get(each[1], set())] == []
