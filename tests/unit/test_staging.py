"""Staging: which version of a row counts, and what has happened by as_of.

dbt's unit tests cannot see the sources' meta (`graph` is empty in them), by which `current_version` decides. So dbt
really runs here, once, on a warehouse with a handful of raw rows.
"""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_pipeline.build.dbt import dbt_command, dbt_environment
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run
from kpi_pipeline.warehouse.schema import create_raw_tables

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2024, 6, 30)
DAY, NEXT_DAY = "2024-06-30", "2024-07-01"
LAST_SECOND, MIDNIGHT = "2024-06-30 20:29:59", "2024-06-30 20:30:00"
"""Around the end of as_of in Tehran, in UTC."""

NOON = "2024-06-01 12:00:00"


def version(load: int, row: int = 1, file_date: str | None = None) -> dict[str, Any]:
    """The row's place in what was loaded: which load, which row of it, and the date of its file."""
    return {"_load": load, "_row": row, "_version_at": file_date}


RAW: dict[str, list[dict[str, Any]]] = {
    "web_events": [
        {"event_id": "loaded_twice", "page": "first", "event_at": NOON} | version(1),
        {"event_id": "loaded_twice", "page": "second", "event_at": NOON} | version(2),
        {"event_id": "older_file_last", "page": "newer file", "event_at": NOON} | version(1, file_date="2024-06-02"),
        {"event_id": "older_file_last", "page": "older file", "event_at": NOON} | version(2, file_date="2024-06-01"),
        {"event_id": "last_second", "event_at": LAST_SECOND} | version(3),
        {"event_id": "midnight", "event_at": MIDNIGHT} | version(3),
        *[
            {"event_id": event, "event_name": name, "transaction_id": transaction, "event_at": f"2024-06-02 {hour}:00"}
            | version(4)
            for event, name, transaction, hour in [
                ("bought", "purchase", "T-1", 10), ("reloaded", "purchase", "T-1", 18),
                ("shown", "page_view", "T-1", "09"),
                ("other", "purchase", "T-2", 11), ("unnumbered", "purchase", None, 12), ("again", "purchase", None, 13),
            ]
        ],
    ],
    "orders": [
        {"order_id": "loaded_twice", "status": "pending", "ordered_at": NOON} | version(1),
        {"order_id": "loaded_twice", "status": "completed", "ordered_at": NOON} | version(2),
        {"order_id": "older_file_last", "status": "completed", "ordered_at": NOON} | version(1, file_date="2024-06-02"),
        {"order_id": "older_file_last", "status": "pending", "ordered_at": NOON} | version(2, file_date="2024-06-01"),
        {"order_id": "undated_last", "status": "completed", "ordered_at": NOON} | version(1, file_date="2024-06-01"),
        {"order_id": "undated_last", "status": "pending", "ordered_at": NOON} | version(2),
        {"order_id": "twice_in_a_file", "status": "pending", "ordered_at": NOON} | version(3, row=1),
        {"order_id": "twice_in_a_file", "status": "completed", "ordered_at": NOON} | version(3, row=2),
        {"order_id": "moved_beyond_as_of", "status": "completed", "ordered_at": NOON} | version(1),
        {"order_id": "moved_beyond_as_of", "status": "completed", "ordered_at": "2024-07-05 12:00:00"} | version(2),
        {"order_id": "last_second", "status": "completed", "ordered_at": LAST_SECOND} | version(4),
        {"order_id": "midnight", "status": "completed", "ordered_at": MIDNIGHT} | version(4),
        *[
            {"order_id": name, "status": "completed", "ordered_at": NOON, "cancelled_on": day} | version(5)
            for name, day in [("waits_for_its_money", DAY), ("to_be_cancelled", NEXT_DAY)]
        ],
    ],
    "order_lines": [
        {"order_line_id": "priced", "order_id": "later", "quantity": 3, "unit_price": 2.5} | version(1),
        {"order_line_id": "discounted", "quantity": 3, "unit_price": 2.5, "revenue": 7, "quantity_returned": 1}
        | version(1),
    ],
    "customers": [
        {"customer_id": "undated", "created_at": None} | version(1),
        {"customer_id": "last_second", "created_at": LAST_SECOND} | version(1),
        {"customer_id": "midnight", "created_at": MIDNIGHT} | version(1),
    ],
    "opportunities": [
        {
            "opportunity_id": name, "outcome": "won", "stage": "Closed won", "closed_on": closed_on,
            "created_at": created_at, "proposal_sent_at": proposal_sent_at,
        } | version(1)
        for name, created_at, proposal_sent_at, closed_on in [
            ("closed_on_the_day", NOON, LAST_SECOND, DAY),
            ("closed_later", NOON, MIDNIGHT, NEXT_DAY),
            ("created_later", MIDNIGHT, None, None),
        ]
    ] + [
        {"opportunity_id": name, "outcome": "open", "stage": "Demo", "closed_on": closed_on, "created_at": NOON}
        | version(1)
        for name, closed_on in [("expected_on_the_day", DAY), ("expected_later", NEXT_DAY)]
    ],
    "subscriptions": [
        {"subscription_id": name, "started_on": started_on, "ended_on": ended_on} | version(1)
        for name, started_on, ended_on in [
            ("ended_on_the_day", DAY, DAY), ("ends_later", DAY, NEXT_DAY), ("starts_later", NEXT_DAY, None),
        ]
    ] + [
        {"subscription_id": name, "started_on": started, "ended_on": ended, "plan": plan, "monthly_amount": amount}
        | version(load, file_date=file_date)
        for name, started, ended, plan, amount, load, file_date in [
            ("dearer", "2024-01-10", None, "basic", 50, 2, "2024-03-31"),
            ("dearer", "2024-01-10", None, "basic", 50, 3, "2024-04-30"),
            ("dearer", "2024-01-10", None, "pro", 100, 4, "2024-05-31"),
            ("dearer", "2024-01-10", None, "pro", 999, 5, "2024-07-15"),
            ("late_file", "2024-01-10", None, "pro", 100, 6, "2024-05-31"),
            ("late_file", "2024-01-10", None, "basic", 50, 7, "2024-03-31"),
            ("undated", "2024-01-10", None, "basic", 50, 2, None),
            ("undated", "2024-01-10", None, "basic", 70, 3, None),
            ("ended_before", "2024-01-10", "2024-05-01", "basic", 50, 2, "2024-03-31"),
            ("ended_before", "2024-01-10", "2024-05-01", "basic", 80, 3, "2024-05-31"),
            ("by_moment", "2024-01-10", None, "basic", 50, 2, "2024-03-31 08:00:00"),
            ("by_moment", "2024-01-10", None, "basic", 60, 2, "2024-04-30 20:30:00"),
        ]
    ],
    "email_subscribers": [
        {"subscriber_id": name, "list": "news", "subscribed_at": joined, "unsubscribed_at": left}
        | version(load, file_date=file_date)
        for name, joined, left, load, file_date in [
            ("back", "2024-01-05 09:00:00", "2024-02-10 09:00:00", 1, "2024-02-29"),
            ("back", "2024-03-20 09:00:00", None, 2, "2024-03-31"),
            ("back_untold", "2024-01-05 09:00:00", None, 1, "2024-01-31"),
            ("back_untold", "2024-03-20 09:00:00", None, 2, "2024-03-31"),
            ("back_with_old_end", "2024-01-05 09:00:00", None, 1, "2024-01-31"),
            ("back_with_old_end", "2024-03-20 09:00:00", "2024-02-10 09:00:00", 2, "2024-03-31"),
            ("corrected", "2024-03-20 09:00:00", None, 1, "2024-03-31"),
            ("corrected", "2024-03-10 09:00:00", None, 2, "2024-04-30"),
            ("left", "2024-01-05 09:00:00", None, 1, None),
            ("left", "2024-01-05 09:00:00", "2024-02-10 09:00:00", 2, None),
        ]
    ],
    "campaigns": [
        {"campaign": "running", "started_on": DAY, "ended_on": NEXT_DAY} | version(1),
        {"campaign": "planned", "started_on": NEXT_DAY, "ended_on": NEXT_DAY} | version(1),
    ],
    "employees": [
        {"employee_id": "gone_from_the_list", "hired_on": "2020-01-01"} | version(1, file_date="2024-06-01"),
        {"employee_id": "moved", "hired_on": "2020-01-01", "department": "sales"} | version(1, file_date="2024-06-01"),
        {"employee_id": "moved", "hired_on": "2020-01-01", "department": "care"} | version(2, 1, "2024-06-30"),
        {"employee_id": "leaves_on_the_day", "hired_on": DAY, "left_on": DAY, "leaving_reason": "voluntary"}
        | version(2, 2, "2024-06-30"),
        {"employee_id": "leaves_later", "hired_on": DAY, "left_on": NEXT_DAY, "leaving_reason": "voluntary"}
        | version(2, 3, "2024-06-30"),
        {"employee_id": "hired_later", "hired_on": NEXT_DAY} | version(2, 4, "2024-06-30"),
        {"employee_id": "rehired", "hired_on": "2024-02-01", "left_on": "2023-06-30", "leaving_reason": "voluntary"}
        | version(2, 5, "2024-06-30"),
        {"employee_id": "of_an_older_list", "hired_on": "2020-01-01"} | version(3, file_date="2024-06-15"),
    ],
}  # fmt: skip

Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """A question in SQL to staging, built from RAW as of AS_OF by a company in Tehran."""
    settings = load_settings(
        _env_file=None, home=tmp_path_factory.mktemp("staging"), project=ROOT, timezone="Asia/Tehran"
    )
    with connect(settings) as connection:
        create_raw_tables(connection, read_entities(settings.dbt_project, settings.layout_folders))
        begin_run(connection, settings, Run("test", AS_OF, is_partial=False))
        for entity, given in RAW.items():
            for row in given:
                places = ", ".join("?" * len(row))
                connection.execute(f"insert into raw.{entity} ({', '.join(row)}) values ({places})", list(row.values()))
            connection.execute(
                "insert into raw.loads (load, entity, status, report, series, version_at) "
                f"select distinct _load, '{entity}', 'loaded', 'canonical', '', _version_at from raw.{entity}"
            )
    command = dbt_command(settings, "run", "--select", "staging")
    done = subprocess.run(command, env=dbt_environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    def answer(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return answer


def test_of_events_the_first_of_an_id_stays(ask: Ask) -> None:
    pages = dict(ask("select event_id, page from staging.stg_analytics__web_events where page is not null"))
    assert pages == {"loaded_twice": "first", "older_file_last": "older file"}


def test_of_things_the_newest_version_of_a_key_counts(ask: Ask) -> None:
    statuses = dict(ask("select order_id, status from staging.stg_crm__orders"))
    wanted = {"loaded_twice", "older_file_last", "undated_last", "twice_in_a_file"}
    assert {name: statuses[name] for name in wanted} == dict.fromkeys(wanted, "completed")


def test_every_thing_stands_once_in_staging(ask: Ask) -> None:
    assert ask("select count(*) - count(distinct order_id), count(*) from staging.stg_crm__orders") == [(0, 7)]


def test_of_a_snapshot_the_newest_file_is_the_whole(ask: Ask) -> None:
    departments = dict(
        ask("select employee_id, department from staging.stg_hr__employees where department_until is null")
    )
    assert departments == {"moved": "care", "leaves_on_the_day": None, "leaves_later": None, "rehired": None}


def test_an_employee_was_in_the_department_of_the_time(ask: Ask) -> None:
    found = ask(
        "select department, department_from, department_until from staging.stg_hr__employees "
        "where employee_id = 'moved' order by department_from"
    )
    assert found == [("sales", dt.date(1, 1, 1), AS_OF), ("care", AS_OF, None)]


def test_a_leaving_before_the_hiring_ended_an_earlier_employment(ask: Ask) -> None:
    found = ask("select left_on, leaving_reason from staging.stg_hr__employees where employee_id = 'rehired'")
    assert found == [(None, None)]


def test_a_purchase_is_the_first_of_its_transaction(ask: Ask) -> None:
    names = dict(ask("select event_id, event_name from staging.stg_analytics__web_events where event_name is not null"))
    purchases = dict.fromkeys(["bought", "other", "unnumbered", "again"], "purchase")
    assert names == purchases | {"reloaded": "repeated_purchase", "shown": "page_view"}


def test_an_order_is_cancelled_from_its_day_on_whatever_was_paid(ask: Ask) -> None:
    statuses = dict(ask("select order_id, status from staging.stg_crm__orders"))
    assert statuses["waits_for_its_money"] == "cancelled"
    assert statuses["to_be_cancelled"] == "completed"


def test_the_past_keeps_the_price_that_it_had(ask: Ask) -> None:
    found = ask(
        "select subscription_id, plan, monthly_amount::integer, started_on::text, ended_on::text, is_first_price "
        "from staging.stg_crm__subscriptions where monthly_amount is not null order by all"
    )
    assert found == [
        ("by_moment", "basic", 50, "2024-01-10", "2024-05-01", True),
        ("by_moment", "basic", 60, "2024-05-01", None, False),
        ("dearer", "basic", 50, "2024-01-10", "2024-05-31", True),
        ("dearer", "pro", 100, "2024-05-31", None, False),
        ("ended_before", "basic", 50, "2024-01-10", "2024-05-01", True),
        ("late_file", "basic", 50, "2024-01-10", "2024-05-31", True),
        ("late_file", "pro", 100, "2024-05-31", None, False),
        ("undated", "basic", 70, "2024-01-10", None, True),
    ]


def test_each_stay_on_a_list_is_one_of_its_own(ask: Ask) -> None:
    found = ask(
        "select subscriber_id, subscribed_on::text, unsubscribed_on::text "
        "from staging.stg_analytics__email_subscribers order by all"
    )
    assert found == [
        ("back", "2024-01-05", "2024-02-10"),
        ("back", "2024-03-20", None),
        ("back_untold", "2024-01-05", "2024-03-20"),
        ("back_untold", "2024-03-20", None),
        ("back_with_old_end", "2024-01-05", "2024-02-10"),
        ("back_with_old_end", "2024-03-20", None),
        ("corrected", "2024-03-10", None),
        ("left", "2024-01-05", "2024-02-10"),
    ]


def test_a_past_as_of_does_not_undo_a_correction(ask: Ask) -> None:
    assert ask("select * from staging.stg_crm__orders where order_id = 'moved_beyond_as_of'") == []


@pytest.mark.parametrize(
    ("model", "key", "day"),
    [
        ("stg_analytics__web_events", "event_id", "event_on"),
        ("stg_crm__orders", "order_id", "ordered_on"),
        ("stg_crm__customers", "customer_id", "created_on"),
    ],
)
def test_a_row_dated_after_as_of_waits_by_the_business_day_of_the_company(
    ask: Ask, model: str, key: str, day: str
) -> None:
    found = ask(f"select {key}, {day} from staging.{model} where {key} in ('last_second', 'midnight')")
    assert found == [("last_second", AS_OF)]


def test_a_customer_without_a_date_does_not_wait(ask: Ask) -> None:
    assert ask("select created_on from staging.stg_crm__customers where customer_id = 'undated'") == [(None,)]


def test_an_opportunity_closed_after_as_of_is_still_open(ask: Ask) -> None:
    found = ask(
        "select opportunity_id, outcome, closed_on, proposal_sent_on from staging.stg_crm__opportunities"
        " where opportunity_id like 'closed%' order by all"
    )
    assert found == [("closed_later", "open", None, None), ("closed_on_the_day", "won", AS_OF, AS_OF)]


def test_an_open_opportunity_keeps_its_stage_whenever_its_close_is_expected(ask: Ask) -> None:
    found = ask(
        "select opportunity_id, outcome, closed_on, stage from staging.stg_crm__opportunities"
        " where opportunity_id not like 'closed%' order by all"
    )
    assert found == [("expected_later", "open", None, "Demo"), ("expected_on_the_day", "open", None, "Demo")]


def test_a_subscription_that_ends_after_as_of_still_runs(ask: Ask) -> None:
    found = ask(
        "select subscription_id, ended_on from staging.stg_crm__subscriptions where monthly_amount is null order by all"
    )
    assert found == [("ended_on_the_day", AS_OF), ("ends_later", None)]


def test_a_campaign_keeps_the_end_it_is_planned_to_have(ask: Ask) -> None:
    assert ask("select campaign, ended_on from staging.stg_crm__campaigns") == [("running", dt.date(2024, 7, 1))]


def test_an_employee_who_leaves_after_as_of_has_not_left_and_has_no_reason(ask: Ask) -> None:
    leavers = (
        "select employee_id, left_on, leaving_reason from staging.stg_hr__employees where employee_id like 'leaves%'"
    )
    found = ask(f"{leavers} order by all")
    assert found == [("leaves_later", None, None), ("leaves_on_the_day", AS_OF, "voluntary")]


def test_a_line_without_revenue_is_worth_its_units_at_their_price(ask: Ask) -> None:
    found = ask("select order_line_id, revenue, quantity_returned from staging.stg_crm__order_lines order by all")
    assert [
        (line, float(revenue), returned if returned is None else float(returned)) for line, revenue, returned in found
    ] == [
        ("discounted", 7.0, 1.0),
        ("priced", 7.5, None),
    ]
