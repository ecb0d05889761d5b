"""Ingest: an attempt leaves all that it did, or nothing; and what is in the ledger is what was reported."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad, attempt
from kpi_pipeline.warehouse.connection import connect, count, rows
from kpi_pipeline.warehouse.schema import TABLES

HEADER = "sale_id,sold_at,note\n"
GOOD = HEADER + "a,2024-01-01,x\nb,2024-01-02,y\n"
ONE_BAD = GOOD + "c,soon,z\n"


def test_a_load_is_a_row_of_the_ledger() -> None:
    assert {field.name for field in dataclasses.fields(FileLoad)} == set(TABLES["raw.loads"])


def test_what_is_reported_stands_in_the_ledger(company: Any) -> None:
    company.put("crm/sales_1.csv", ONE_BAD)
    company.put("crm/sales_2.csv", "sale_id\n")
    reported = company.ingest().files
    with connect(company.settings, read_only=True) as connection:
        written = [FileLoad(**row) for row in rows(connection, "select * from raw.loads order by load")]

    assert [load.status for load in written] == ["loaded", "refused"]
    assert reported == written


def test_an_attempt_that_fails_leaves_what_was_there(company: Any) -> None:
    loaded = company.load("crm/sales.csv", ONE_BAD)
    [sales] = read_entities(company.settings.dbt_project, [])
    counts = [f"select count(*) from raw.{table}" for table in ("sales", "quarantine", "loads")]

    def stop(number: int) -> None:
        assert [count(connection, each) for each in counts] == [0, 0, 0]
        assert number == 1
        raise KeyboardInterrupt

    with connect(company.settings) as connection:
        with pytest.raises(KeyboardInterrupt), attempt(connection, sales, loaded.content, loaded) as number:
            stop(number)
        assert [count(connection, each) for each in counts] == [2, 1, 1]


def test_a_retried_file_is_read_as_its_mended_layout_says(company: Any) -> None:
    columns = {"sale_id": "text!", "sold_at": "date!"}
    company.declare_tool(columns)
    assert company.load("crm/tool.csv", "Id,Date\n1,2024-01-01\n2,31.01.2024\n").rows_quarantined == 1
    company.declare_tool(columns, formats={"sold_at": "%d.%m.%Y"})

    [again] = ingest(company.settings, retry=True).files
    assert (again.status, again.rows_loaded, again.rows_quarantined) == ("loaded", 1, 1)
    assert company.query("select sale_id from raw.sales") == [("2",)]
    assert company.query("select count(*) from raw.loads") == [(1,)]


def test_a_retried_file_that_can_no_longer_be_read_stays_as_it_was(company: Any) -> None:
    columns = {"sale_id": "text!", "sold_at": "date!"}
    company.declare_tool(columns)
    company.load("crm/tool.csv", "Id,Date\n1,2024-01-01\n2,soon\n")
    company.declare_tool(columns, columns={"sale_id": "Id", "sold_at": "Day"})

    [again] = ingest(company.settings, retry=True).files
    assert again.status == "known"
    assert "the column 'Day' is missing" in again.reason
    assert company.query("select sale_id from raw.sales") == [("1",)]
    assert len(company.quarantine()) == 1


def test_a_file_without_bad_rows_is_not_retried(company: Any) -> None:
    company.load("crm/sales.csv", GOOD)

    assert [file.status for file in ingest(company.settings, retry=True).files] == ["known"]


def test_a_file_replaces_the_one_of_its_name_where_the_layout_says_so(
    company: Any, declared_table: Callable[..., Any]
) -> None:
    company.declare_tool({"sale_id": "text!", "sold_at": "timestamp!"}, replaces="same_name")
    company.load("crm/tool.csv", "Id,Date\n1,2024-01-01\n2,2024-01-02\n")
    load = company.load("crm/tool.csv", "Id,Date\n2,2024-01-02\n3,2024-01-03\n")

    assert (load.rows_loaded, load.rows_repeated) == (2, 0)
    assert company.query("select sale_id, _load from raw.sales order by 1") == [("2", 2), ("3", 2)]
    assert company.query("select status from raw.loads order by load") == [("replaced",), ("loaded",)]
