"""Ingest: whichever way a file goes into the warehouse, the same rows arrive there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kpi_pipeline.ingest import load, ways

HEADER = "sale_id,sold_at,units\n"
GOOD = "a,2024-01-01,1\nb,2024-01-02,2\n"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways that were tried."""
    tried: list[str] = []

    def recorded(way: Callable[..., Any]) -> Callable[..., Any]:
        def tell(*given: Any) -> Any:
            tried.append(way.__name__)
            return way(*given)

        return tell

    for way in (ways._straight, ways._sorted_while_read, ways._by_way_of_text):
        monkeypatch.setattr(ways, way.__name__, recorded(way))
    return tried


STRAIGHT, SORTED, TEXT = "_straight", "_sorted_while_read", "_by_way_of_text"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (GOOD, [STRAIGHT]),
        (GOOD + "c,soon,3\n" + GOOD, [STRAIGHT, SORTED]),
        ("c,soon,3\n" + GOOD + "d,2024-01-03,many\n" + GOOD, [STRAIGHT, SORTED]),
        (GOOD + "short\n" + GOOD, [STRAIGHT, TEXT]),
        (GOOD + "short\nc,soon,3\n" + GOOD, [STRAIGHT, SORTED, TEXT]),
        (GOOD + '"c\nd",2024-01-03,3\n' + GOOD, [STRAIGHT, TEXT]),
        (GOOD + '"c",2024-01-03,3\n' + GOOD, [STRAIGHT]),
        (GOOD + '"c\nd",soon,3\n' + GOOD, [STRAIGHT, SORTED, TEXT]),
    ],
)
def test_a_file_goes_the_cheapest_way_that_does_and_brings_what_the_last_one_would_bring(
    company: Any,
    new_company: Callable[..., Any],
    declared_table: Callable[..., Any],
    taken: list[str],
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
    expected: list[str],
) -> None:
    def brought(by: Any) -> list[Any]:
        by.declare("crm", declared_table("sales", {"sale_id": "text!", "sold_at": "timestamp!", "units": "bigint"}))
        by.load("crm/sales.csv", HEADER + rows)
        in_order = by.query("select * exclude (_row) from raw.sales order by _row, sale_id")
        return [in_order, by.quarantine(), by.query("select * exclude (loaded_at) from raw.loads")]

    found = brought(company)
    assert taken == expected

    monkeypatch.setattr(load, "first_way", lambda file, plain: partial(ways._by_way_of_text, file, plain))
    assert found == brought(new_company(quarantine_max_share=0.5))


def a_report(declared_table: Any) -> dict[str, Any]:
    """An entity two rows of one key are parts of, so that each keeps its place."""
    columns = {"sale_id": "text!", "sold_on": "date!", "units": "bigint"}
    table: dict[str, Any] = declared_table("sales", columns, rows="reports", dated_by="sold_on")
    return table


def test_bad_rows_of_a_file_that_is_read_in_parallel_are_found_at_their_lines(
    company: Any, declared_table: Any
) -> None:
    rows, bad = 300_000, (5, 150_001, 299_999)
    company.declare("crm", a_report(declared_table))
    units = ("many" if number in bad else number for number in range(1, rows + 1))
    text = "sale_id,sold_on,units\n" + "".join(
        f"s{number % (rows - 1)},2024-01-01,{given}\n" for number, given in enumerate(units, 1)
    )

    load = company.load("crm/sales.csv", text)

    assert (load.rows_typed, load.rows_quarantined) == (rows - 3, 3)
    assert [row[1:] for row in company.quarantine()] == [
        (number + 1, "units", "'many' is no bigint", f"s{number % (rows - 1)},2024-01-01,many") for number in bad
    ]
    assert company.query("select count(*), count_if(_row = units) from raw.sales") == [(rows - 3, rows - 3)]


def test_rows_keep_the_order_of_a_file_that_is_read_in_parallel(company: Any, declared_table: Any) -> None:
    rows = 300_000  # more than one thread's share
    company.declare("crm", a_report(declared_table))
    text = "sale_id,sold_on,units\n" + "".join(
        f"s{number % (rows - 1)},2024-01-01,{number}\n" for number in range(1, rows + 1)
    )

    load = company.load("crm/sales.csv", text)

    assert (load.rows_loaded, load.rows_added_up) == (rows - 1, 1)
    assert company.query("select count(*), count_if(_row = units), min(_row), max(_row) from raw.sales") == [
        (rows, rows, 1, rows)
    ]
