"""Names: one spelling of each is shown, over all exports that hold names of its kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import duckdb
import pytest
from company import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.build.spellings import write_spellings
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.warehouse.schema import create_raw_tables

ENTITIES = read_entities(ROOT / "dbt_project", load_settings(_env_file=None).layout_folders)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_raw_tables(connection, ENTITIES)
        connection.execute("create schema settings")
        connection.execute("create table settings.spellings (kind text, written text, shown text)")
        yield connection


def spellings(warehouse: duckdb.DuckDBPyConnection, **names: list[str]) -> dict[tuple[str, str], str]:
    """By kind and what was written; `names` are the campaigns of each entity, or of orders the column that is named."""
    for entity in ("orders", "marketing_spend"):
        warehouse.execute(f"truncate raw.{entity}")
    for place, written in names.items():
        entity, _, column = place.partition("__")
        for name in written:
            warehouse.execute(f"insert into raw.{entity} ({column or 'campaign'}) values (?)", [name])
    write_spellings(warehouse, ENTITIES)
    rows = warehouse.execute("select kind, written, shown from settings.spellings").fetchall()
    return {(kind, written): shown for kind, written, shown in rows}


def test_a_name_is_shown_as_most_rows_of_all_exports_spell_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = spellings(warehouse, orders=["Spring Sale", "spring sale ", "spring sale"], marketing_spend=["Spring Sale"])
    # "spring sale " and "spring sale" are one spelling with two rows, as "Spring Sale" is
    assert found == {("campaign", "spring sale "): "Spring Sale", ("campaign", "spring sale"): "Spring Sale"}


def test_more_rows_win_over_the_first_in_order(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = spellings(warehouse, orders=["Sale", "sale"], marketing_spend=["sale"])
    assert found == {("campaign", "Sale"): "sale"}


def test_names_of_two_kinds_have_nothing_to_do_with_each_other(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert spellings(warehouse, orders=["North"], orders__region=["north", "north"]) == {}


@pytest.mark.parametrize(("one", "other"), [("A", "A-"), ("Sale 1", "Sale 2"), ("spring_sale", "spring sale")])
def test_what_differs_in_more_than_its_look_stays_apart(
    warehouse: duckdb.DuckDBPyConnection, one: str, other: str
) -> None:
    assert spellings(warehouse, orders=[one, other]) == {}


LOOKS = [str.upper, str.lower, str.title, lambda name: f" {name}\u00a0", lambda name: name.replace(" ", "  "),
         lambda name: name.replace(" ", "\u200c"), lambda name: unicodedata.normalize("NFD", name)]  # fmt: skip


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(
    name=st.sampled_from(["Frühling im Park", "Été", "Spring Sale", "فروش بهار"]),
    looks=st.lists(st.sampled_from(LOOKS), min_size=1, max_size=5),
)
def test_however_a_name_looks_one_is_shown(warehouse: duckdb.DuckDBPyConnection, name: str, looks: list) -> None:  # type: ignore[type-arg]
    written = [name, *(look(name) for look in looks)]
    found = spellings(warehouse, orders=written[::2], marketing_spend=written[1::2])
    shown = {found.get(("campaign", each), each) for each in written}
    assert len(shown) == 1
    assert all(unicodedata.is_normalized("NFC", each) and each == each.strip() for each in shown)
