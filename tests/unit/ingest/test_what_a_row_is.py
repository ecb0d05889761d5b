"""What a second row of a key means, in the same file and in a later one: docs/what-a-row-is.md, sentence by sentence.

Files are really ingested; what counts is asked of the project's own staging SQL, which dbt compiles once.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from company import Company
from compiled import compile_models
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run

AS_OF = dt.date(2026, 12, 31)
Files = Mapping[str, str]


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The SQL of each staging model."""
    company = Company.at(tmp_path_factory.mktemp("compiled"))
    return {model.name: model.sql for model in compile_models(company.settings).models if model.schema == "staging"}


class Door:
    """A company whose files come in one after the other."""

    def __init__(self, folder: Path, staging: Mapping[str, str]) -> None:
        self.company = Company.at(folder)
        self.staging = staging
        self.loads: list[FileLoad] = []

    def take(self, files: Files, accept: tuple[str, ...] = ()) -> list[FileLoad]:
        """One ingest after these files were written; the loads of what was new, and every row of them accounted for."""
        for name, text in files.items():
            path = self.company.settings.exports / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        loads = [load for load in ingest(self.company.settings, accept=accept).files if load.status != "known"]
        for load in loads:
            assert load.rows_read == (
                load.rows_loaded + load.rows_added_up + load.rows_repeated + load.rows_superseded + load.rows_gone
                + load.rows_left_out + load.rows_quarantined + load.rows_refused
            ), load  # fmt: skip
        self.loads += loads
        return loads

    def one_by_one(self, *files: tuple[str, str]) -> Door:
        for name, text in files:
            self.take({name: text})
        return self

    def ask(self, model: str, question: str) -> list[tuple[Any, ...]]:
        """`question` of the rows of a staging model, which it calls ``rows``."""
        with connect(self.company.settings) as connection:
            begin_run(connection, self.company.settings, Run("a question", AS_OF, is_partial=False))
            return connection.execute(f"with rows as ({self.staging[model]}) {question}").fetchall()

    def quarantined(self) -> list[str]:
        return [
            reason for (reason,) in self.company.ask_warehouse("select reason from raw.quarantine order by load, line")
        ]


@pytest.fixture
def door(tmp_path: Path, staging: Mapping[str, str]) -> Door:
    return Door(tmp_path, staging)


@pytest.fixture
def new_door(tmp_path_factory: pytest.TempPathFactory, staging: Mapping[str, str]) -> Callable[[], Door]:
    return lambda: Door(tmp_path_factory.mktemp("door"), staging)


def orders(*rows: str) -> str:
    return "\n".join(["order_id,ordered_at,status,revenue", *rows]) + "\n"


def spend(*rows: str) -> str:
    return "\n".join(["date,category,channel,campaign,amount", *rows]) + "\n"


STATUSES = "select order_id, status from rows order by all"
SPENT = "select spent_on, sum(amount) from rows group by all order by all"


# --- things ---


def test_the_newest_version_of_a_thing_counts(door: Door) -> None:
    door.one_by_one(
        ("crm/orders_2026-03-10.csv", orders("1,2026-03-01,pending,5", "2,2026-03-01,completed,5")),
        ("crm/orders_2026-03-11.csv", orders("1,2026-03-01,completed,5")),
    )
    assert door.ask("stg_crm__orders", STATUSES) == [("1", "completed"), ("2", "completed")]
    assert [(load.rows_loaded, load.rows_repeated) for load in door.loads] == [(2, 0), (0, 1)]


def test_an_older_file_that_comes_late_never_wins(door: Door) -> None:
    door.one_by_one(
        ("crm/orders_2026-03-11.csv", orders("1,2026-03-01,completed,5")),
        ("crm/orders_2026-03-10.csv", orders("1,2026-03-01,pending,5")),
    )
    assert door.ask("stg_crm__orders", STATUSES) == [("1", "completed")]
    assert door.loads[-1].rows_superseded == 1


def test_equal_rows_of_one_thing_are_one(door: Door) -> None:
    [load] = door.take({"crm/orders.csv": orders("1,2026-03-01,completed,5", "1,2026-03-01,completed,5")})

    assert door.ask("stg_crm__orders", "select sum(revenue) from rows") == [(5,)]
    assert (load.rows_loaded, load.rows_repeated, load.rows_quarantined) == (1, 1, 0)


def test_two_different_rows_of_one_thing_in_one_file_are_a_conflict_and_neither_counts(door: Door) -> None:
    good = [f"{number},2026-03-01,completed,1" for number in range(100, 200)]
    door.take({"crm/orders_2026-03-01.csv": orders("1,2026-03-01,pending,5")})
    [load] = door.take(
        {"crm/orders_2026-03-02.csv": orders("1,2026-03-01,completed,5", *good, "1,2026-03-01,cancelled,5")}
    )

    assert (load.status, load.rows_quarantined, load.rows_loaded) == ("loaded", 2, 100)
    assert len(door.quarantined()) == 2
    assert all("order_id '1' stands in lines 2, 103 with different values" in text for text in door.quarantined())
    # what was known before stands
    assert ("1", "pending") in door.ask("stg_crm__orders", STATUSES)


def test_what_the_tool_says_of_the_last_change_orders_rows_of_one_file(door: Door) -> None:
    header = (
        "Id,CreatedDate,LeadSource,Country,OwnerId,ConvertedDate,ConvertedAccountId,Status,SystemModstamp,IsDeleted"
    )
    lead = "00Q1,2026-02-02T09:00:00Z,{source},,,,,Open,{changed},false"
    rows = [
        lead.format(source="New", changed="2026-02-05T00:00:00Z"),
        lead.format(source="Old", changed="2026-02-03T00:00:00Z"),
    ]
    for number, order in enumerate(itertools.permutations(rows)):
        [load] = door.take({f"crm/salesforce_leads_{number}.csv": "\n".join([header, *order]) + "\n"})
        assert (load.rows_quarantined, load.rows_superseded) == (0, 1)
    assert door.ask("stg_crm__leads", "select lead_id, source from rows") == [("00Q1", "New")]


def test_a_state_that_comes_back_is_a_new_state(door: Door) -> None:
    paid, voided = orders("1,2026-03-01,completed,5"), orders("1,2026-03-01,cancelled,5")
    door.one_by_one(
        ("crm/orders_2026-03-10.csv", paid),
        ("crm/orders_2026-03-11.csv", voided),
        ("crm/orders_2026-03-12.csv", paid),
    )
    assert door.ask("stg_crm__orders", STATUSES) == [("1", "completed")]


@pytest.mark.parametrize("names", [["orders"] * 3, ["orders_a", "orders_b", "orders_c"]])
def test_also_where_no_name_has_a_date(door: Door, names: list[str]) -> None:
    paid, voided = orders("1,2026-03-01,completed,5"), orders("1,2026-03-01,cancelled,5")
    door.one_by_one(*((f"crm/{name}.csv", text) for name, text in zip(names, [paid, voided, paid], strict=True)))
    assert door.ask("stg_crm__orders", STATUSES) == [("1", "completed")]
    # and what lies there is known, night after night
    assert door.take({}) == []
    assert door.ask("stg_crm__orders", STATUSES) == [("1", "completed")]


def test_the_same_under_another_name_says_nothing_new(door: Door) -> None:
    text = orders("1,2026-03-01,completed,5")
    door.one_by_one(("crm/orders_2026-03-10.csv", text), ("crm/orders_2026-03-10 (1).csv", text))
    assert len(door.loads) == 1


def test_a_thing_that_is_gone_takes_its_older_versions_with_it_and_may_come_back(door: Door) -> None:
    header = "id,created_at,updated_at,status,via,priority"
    ticket = {
        "id": 1,
        "created_at": "2026-03-01T09:00:00Z",
        "requester_id": 7,
        "priority": "low",
        "via": {"channel": "web"},
    }
    import json

    def tickets(status: str, changed: str) -> str:
        return json.dumps(ticket | {"status": status, "updated_at": changed}) + "\n"

    assert header
    asked = "select count(*) from rows"
    door.one_by_one(("crm/zendesk_tickets_1.jsonl", tickets("open", "2026-03-01T10:00:00Z")))
    assert door.ask("stg_crm__tickets", asked) == [(1,)]
    [load] = door.take({"crm/zendesk_tickets_2.jsonl": tickets("deleted", "2026-03-02T10:00:00Z")})
    assert (load.rows_gone, door.ask("stg_crm__tickets", asked)) == (1, [(0,)])
    # an older version that comes late does not bring it back, a newer one does
    door.take({"crm/zendesk_tickets_0.jsonl": tickets("new", "2026-03-01T09:30:00Z")})
    assert door.ask("stg_crm__tickets", asked) == [(0,)]
    door.take({"crm/zendesk_tickets_3.jsonl": tickets("open", "2026-03-03T10:00:00Z")})
    assert door.ask("stg_crm__tickets", asked) == [(1,)]


def test_what_was_merged_into_another_thing_is_gone(door: Door) -> None:
    header = (
        "hs_object_id,lifecyclestage,hs_analytics_source,country,hubspot_owner_id,createdate,"
        "hs_lifecyclestage_marketingqualifiedlead_date,hs_lifecyclestage_salesqualifiedlead_date,"
        "hs_lifecyclestage_customer_date,associatedcompanyid,lastmodifieddate,hs_merged_object_ids\n"
    )
    row = "{id},lead,REFERRALS,,,2026-01-05 09:00,,,,,{changed},{merged}\n"
    door.one_by_one(
        (
            "crm/hubspot_contacts_1.csv",
            header + "".join(row.format(id=i, changed="2026-01-06", merged="") for i in (7, 8, 9)),
        ),
        ("crm/hubspot_contacts_2.csv", header + row.format(id=10, changed="2026-02-06", merged="7; 8")),
    )
    assert door.ask("stg_crm__leads", "select lead_id from rows order by 1") == [("10",), ("9",)]


# --- reports ---


def test_parts_of_a_report_add_up(door: Door) -> None:
    [load] = door.take(
        {
            "crm/marketing_spend.csv": spend(
                "2026-03-01,media,web,a,5", "2026-03-01,media,web,a,7", "2026-03-01,tools,,,1"
            )
        }
    )
    assert door.ask("stg_crm__marketing_spend", SPENT) == [(dt.date(2026, 3, 1), 13)]
    assert (load.rows_loaded, load.rows_added_up, load.rows_repeated) == (2, 1, 0)


def test_a_newer_report_replaces_what_an_older_one_said_about_its_days(door: Door) -> None:
    door.one_by_one(
        ("crm/marketing_spend_2026-03-10.csv", spend("2026-03-08,media,web,spring,1", "2026-03-09,media,web,spring,5")),
        # renamed, restated, and what was booked on the 10th is now on the 11th
        (
            "crm/marketing_spend_2026-03-12.csv",
            spend("2026-03-09,media,web,spring emea,6", "2026-03-11,media,web,spring emea,7"),
        ),
    )
    days = {8: 1, 9: 6, 11: 7}
    assert door.ask("stg_crm__marketing_spend", SPENT) == [(dt.date(2026, 3, day), n) for day, n in days.items()]


def test_a_day_between_that_a_newer_report_has_no_row_for_is_empty_but_not_a_season(door: Door) -> None:
    door.one_by_one(
        (
            "crm/marketing_spend_2026-12-01.csv",
            spend("2026-01-05,media,,,1", "2026-03-05,media,,,1", "2026-03-06,media,,,1", "2026-03-07,media,,,1"),
        ),
        (
            "crm/marketing_spend_2026-12-02.csv",
            spend("2026-01-05,media,,,2", "2026-03-05,media,,,2", "2026-03-07,media,,,2"),
        ),
    )
    assert [(str(day), n) for day, n in door.ask("stg_crm__marketing_spend", SPENT)] == [
        ("2026-01-05", 2), ("2026-03-05", 2), ("2026-03-07", 2)
    ]  # fmt: skip


def test_two_series_are_two_reports_and_add_up(door: Door) -> None:
    door.one_by_one(
        ("crm/marketing_spend_berlin_2026-03.csv", spend("2026-03-01,media,web,a,5")),
        ("crm/marketing_spend_paris_2026-03.csv", spend("2026-03-01,media,web,a,7")),
    )
    assert door.ask("stg_crm__marketing_spend", SPENT) == [(dt.date(2026, 3, 1), 12)]


def test_a_copy_of_a_report_under_another_name_is_refused_until_somebody_says_that_it_is_right(door: Door) -> None:
    rows = [f"2026-03-0{day},media,web,a,{day}" for day in range(1, 9)]
    door.take({"crm/marketing_spend.csv": spend(*rows)})
    [refused] = door.take({"crm/marketing_spend_final.csv": spend(*rows, "2026-03-09,media,web,a,9")})
    assert refused.status == "refused"
    assert "8 of its 9 rows stand word for word in crm/marketing_spend.csv too" in refused.reason

    [taken] = door.take({}, accept=("crm/marketing_spend_final.csv",))
    assert taken.status == "loaded"
    assert "they count twice" in taken.warnings


def test_a_report_that_says_much_less_than_the_one_it_replaces_is_told(door: Door) -> None:
    door.take({"crm/marketing_spend_2026-03-10.csv": spend(*(f"2026-03-01,media,web,c{i},1" for i in range(9)))})
    [load] = door.take({"crm/marketing_spend_2026-03-11.csv": spend("2026-03-01,media,web,c1,2")})
    assert "it has 1 rows where crm/marketing_spend_2026-03-10.csv had 9, which count no more" in load.warnings


def test_a_report_whose_rows_are_not_its_total_is_refused(door: Door) -> None:
    header = "Day,Campaign name,Ad set name,Impressions,Link clicks,Amount spent (USD),Results\n"
    total, rows = ",,,30,,70.00,\n", "2026-01-10,s,l,10,1,40.00,3\n2026-01-10,s,l,20,1,{},2\n"
    [good] = door.take({"analytics/meta_ads_2026-01-11.csv": header + total + rows.format("30.00")})
    [bad] = door.take({"analytics/meta_ads_2026-01-12.csv": header + total + rows.format("29.00")})

    assert (good.status, good.rows_left_out, good.rows_added_up) == ("loaded", 1, 1)
    assert bad.status == "refused"
    assert "its total row says spend is 70.0000, and its rows add up to 69.0000" in bad.reason


@settings(max_examples=12)
@given(data=st.data())
def test_a_report_may_be_split_restated_and_come_in_any_order(
    new_door: Callable[[], Door], data: st.DataObject
) -> None:
    """What counts of each day is what the newest of the files that speak of it says, in however many rows."""
    editions = data.draw(
        st.lists(
            st.tuples(
                st.integers(1, 20),
                st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=3), min_size=1, max_size=5),
            ),
            min_size=1, max_size=4,
        )
    )  # fmt: skip
    files = {}
    truth: dict[int, int] = {}
    for number, (first, days) in enumerate(editions, start=1):
        rows = [
            f"2026-03-{first + offset:02},media,web,{'renamed' if number % 2 else 'a'},{part}"
            for offset, parts in enumerate(days)
            for part in parts
        ]
        files[f"crm/marketing_spend_2026-04-{number:02}.csv"] = spend(*data.draw(st.permutations(rows)))
        truth |= {first + offset: sum(parts) for offset, parts in enumerate(days)}
    door = new_door().one_by_one(*data.draw(st.permutations(list(files.items()))))

    found = {day.day: amount for day, amount in door.ask("stg_crm__marketing_spend", SPENT)}
    assert found == {day: Decimal(amount) for day, amount in truth.items()}


# --- readings ---


def test_two_different_readings_of_one_day_are_a_conflict(door: Door) -> None:
    good = [f"2026-02-{day:02},instagram,acme,5" for day in range(1, 29)] * 2
    rows = ["date,network,profile,followers", *good[:28], "2026-03-01,instagram,acme,5", "2026-03-01,instagram,acme,6"]
    door.company.settings.exports.mkdir(parents=True, exist_ok=True)
    [load] = door.take({"analytics/social_profile_days.csv": "\n".join(rows) + "\n"})
    assert load.rows_quarantined == 2 or load.status == "refused"
    assert "with different values" in door.quarantined()[0]


# --- lines ---

LINES = (
    "Name,Email,Financial Status,Subtotal,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem sku,Shipping Province,Shipping Country,Id\n"
)


def shopify(order: str, *quantities: int, status: str = "paid") -> str:
    day = "2026-03-05 10:00:00 +0100"
    first, *others = [f"{n},Mug,10.00,MUG" for n in quantities]
    rows = [f"#{order},x@example.com,{status},40.00,0.00,{day},{first},,,56{order}"]
    rows += [f"#{order},x@example.com,,,,,{other},,," for other in others]
    return "\n".join(rows) + "\n"


def test_equal_lines_are_two_lines_and_are_replaced_with_their_document(door: Door) -> None:
    quantities = "select sum(quantity), count(*) from rows"
    [_, lines] = sorted(
        door.take({"crm/shopify_orders_2026-03-06.csv": LINES + shopify("1", 2, 2, 2)}),
        key=lambda load: load.entity,
        reverse=True,
    )
    assert lines.rows_loaded == 3
    assert door.ask("stg_crm__order_lines", quantities) == [(6, 3)]
    door.take({"crm/shopify_orders_2026-03-07.csv": LINES + shopify("1", 2, 5)})
    assert door.ask("stg_crm__order_lines", quantities) == [(7, 2)]
    # late, and older
    door.take({"crm/shopify_orders_2026-03-05.csv": LINES + shopify("1", 1) + shopify("2", 4)})
    assert door.ask("stg_crm__order_lines", quantities) == [(11, 3)]


def test_two_shops_have_the_same_order_names(door: Door) -> None:
    text = LINES + shopify("1", 2)
    door.one_by_one(
        ("crm/shopify_orders_2026-03-06.csv", text),
        ("crm/shopify_orders_2026-03-07.csv", text.replace(",561\n", ",771\n")),
    )
    assert door.ask("stg_crm__orders", "select order_id from rows order by 1") == [("561",), ("771",)]
    assert door.ask("stg_crm__order_lines", "select sum(quantity) from rows") == [(4,)]


def test_another_report_may_tell_some_lines_of_a_document_again(door: Door) -> None:
    lines = "order_line_id,order_id,product_id,quantity,unit_price,quantity_returned\n"
    door.one_by_one(
        ("crm/order_lines_part1_2026-03-06.csv", lines + "1,o,mug,2,10,\n2,o,tea,1,5,\n"),
        ("crm/order_lines_part2_2026-03-06.csv", lines + "3,o,tin,4,1,\n"),
        ("crm/order_lines_returned_2026-03-09.csv", lines + "1,o,mug,2,10,1\n"),
    )
    asked = "select order_line_id, quantity_returned from rows order by 1"
    assert door.ask("stg_crm__order_lines", asked) == [("1", 1), ("2", None), ("3", None)]


# --- events ---


def event(page: str, channel: str = "") -> str:
    traffic = (
        f', "session_traffic_source_last_click": {{"cross_channel_campaign": {{"source": "{channel}"}}}}'
        if channel
        else ""
    )
    return (
        '{"event_timestamp": "1773306000000000", "event_name": "page_view", "user_pseudo_id": "u", "event_params": ['
        f'{{"key": "page_location", "value": {{"string_value": "{page}"}}}}, '
        f'{{"key": "ga_session_id", "value": {{"int_value": "200"}}}}]{traffic}}}\n'
    )


@pytest.mark.parametrize("order", list(itertools.permutations(["", "_intraday"])))
def test_the_table_of_a_running_day_yields_to_that_of_the_day(door: Door, order: tuple[str, str]) -> None:
    texts = {"": event("a", "x") + event("b", "x"), "_intraday": event("a")}
    door.one_by_one(*((f"analytics/ga4_events{word}_20260312.json", texts[word]) for word in order))
    assert door.ask("stg_analytics__web_events", "select count(*), min(source) from rows") == [(2, "x")]


def test_equal_events_of_a_tool_without_ids_are_two_and_a_file_again_brings_none(door: Door) -> None:
    door.take({"analytics/ga4_events_20260312.json": event("a") + event("a")})
    door.take({"analytics/ga4_events_20260312 (1).json": event("a") + event("a") + event("b")})
    assert door.ask("stg_analytics__web_events", "select count(*) from rows") == [(3,)]


# --- snapshots ---


def staff(*people: str) -> str:
    return "\n".join(["employee_id,hired_on,left_on,leaving_reason,department", *people]) + "\n"


def test_snapshots_of_two_tools_are_added_and_each_is_whole(door: Door) -> None:
    bamboo = "Employee #,Hire Date,Termination Date,Termination Type,Department,Division,Source,Employment Status\n"
    layout = next(
        layout for entity in entities(door) for layout in entity.layouts if layout.name == "bamboohr_employees"
    )
    header = [name for names in layout.headers.values() for name in names]
    assert bamboo
    row = dict.fromkeys(header, "")
    hired = layout.headers["hired_on"][0]
    text = "\n".join(
        [",".join(header), *(",".join((row | {"Employee #": f"B{n}", hired: "2020-01-01"}).values()) for n in range(3))]
    )
    door.take({"hr/bamboohr_employees_2026-03-31.csv": text + "\n"})
    door.take({"hr/employees_2026-03-31.csv": staff("E1,2020-01-01,,,", "E2,2020-01-01,,,")})
    assert door.ask("stg_hr__employees", "select count(*) from rows") == [(5,)]
    [load] = door.take({"hr/employees_2026-04-30.csv": staff("E1,2020-01-01,,,")})
    assert door.ask("stg_hr__employees", "select count(*) from rows") == [(4,)]
    assert "E2 stood in hr/employees_2026-03-31.csv without left_on and are not in it" in load.warnings


# --- every entity and every layout ---


def entities(door: Door) -> list[Entity]:
    return read_entities(door.company.settings.dbt_project, door.company.settings.layout_folders)


SAYS = {
    "things": ("a conflict, unless its tool says which is newer", "a newer version"),
    "lines": ("another line", "the lines of a newer version of its document"),
    "reports": ("a part, added up", "a newer edition of its days"),
    "readings": ("a conflict, unless its tool says which is newer", "a newer edition of its days"),
    "events": ("the same event", "the same event"),
    "snapshot": ("a conflict", "a newer whole"),
}
"""What a second row of a key is in the same file, and in a later one."""

MONEY_IS_ADDED = {"ad_performance", "search_performance", "marketing_spend", "project_costs"}
"""Entities of which the numbers are parts of a day's."""


def test_every_entity_says_what_a_second_row_is(door: Door) -> None:
    said = {entity.name: SAYS[entity.rows] for entity in entities(door)}
    assert len(said) == 33
    assert {name for name, (same_file, _) in said.items() if same_file == "a part, added up"} == MONEY_IS_ADDED
    for entity in entities(door):
        layouts_without_ids = [layout.name for layout in entity.layouts if layout.row_key]
        # a key that is made of a row's content tells nothing about a later one: the file must say what it replaces
        if layouts_without_ids and entity.rows != "lines":
            assert all(layout.replaces for layout in entity.layouts if layout.row_key), layouts_without_ids


def test_no_layout_takes_a_name_for_an_identity(door: Door) -> None:
    names = {"Name", "Issue key", "Campaign", "Campaign name", "Deal Name", "Order"}
    told_by_name = {
        (entity.name, layout.name)
        for entity in entities(door)
        for layout in entity.layouts
        if entity.rows == "things" and layout.row_key not in entity.key
        for key in entity.key
        if names & set(layout.headers.get(key, [])[:1])
    }
    # an epic is known by its key, because the tasks of an export name their epic by it
    assert told_by_name <= {("projects", "jira_epics")}
