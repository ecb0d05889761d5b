"""The sample as tools write it, through ingest: every good row arrives as it was, and of the planted ones none.

The company itself is the answer: it is built a second time, in tables, and never went through a file.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from company import Company
from openpyxl import load_workbook

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.ingest.ingest import IngestReport, ingest
from kpi_sample import DEFAULT_AS_OF, DEFAULT_SEED, MINIMUM_ROWS, PLANTED, build_company, write_sample
from kpi_sample.company import sample_entities
from kpi_sample.dirt import DIRT
from kpi_sample.tools import EXPORTS

FEW_ROWS = 20_000

NOT_CARRIED = {
    # Analytics has no key of an event, numbers the visits of a visitor, and writes a country's name
    "web_events": {"event_id", "session_id", "country"},
    # as three letters
    "search_performance": {"country"},
    # Meta's is by ad, whose numbers add up to those of the ad set
    "ad_performance": {"impressions", "clicks", "spend", "conversions", "video_views"},
    # the two addresses are the key
    "backlinks": {"backlink_id"},
    "social_profile_days": {"reach", "profile_visits"},
    # to the minute
    "social_posts": {"published_at"},
    # Mailchimp's key is made of campaign, recipient, action and moment; its list is called mailchimp
    "email_events": {"event_id"},
    "email_subscribers": {"list"},
    # HubSpot's own words for won and lost
    "opportunities": {"stage"},
    # an order's lines of one product are one line, or two halves
    "order_lines": {"order_line_id", "quantity", "revenue", "quantity_returned"},
    # of recommendations
    "survey_responses": {"scale_max", "channel"},
}
"""What a tool does not tell as the company has it. No KPI needs it, or the test below says what it needs."""

NEEDED_ALL_THE_SAME = {
    "web_events": """
        select
            visitor_id, count(*) as events, count(distinct session_id) as sessions,
            replace(replace(any_value(country), 'Iran', 'IR'), 'Germany', 'DE') in ('IR', 'DE') as is_at_home
        from {table} group by visitor_id
    """,
    "social_posts": "select post_id, date_trunc('minute', published_at) as published_at from {table}",
    "opportunities": "select opportunity_id, stage from {table} where outcome = 'open'",
    "order_lines": """
        select
            order_id, product_id, product_name, product_category, unit_price, sum(quantity) as quantity,
            sum(revenue) as revenue, sum(quantity_returned) as quantity_returned
        from {table} group by all
    """,
    "ad_performance": """
        select
            date, platform, campaign, ad_group, keyword, sum(impressions) as impressions, sum(clicks) as clicks,
            sum(spend) as spend, sum(conversions) as conversions
        from {table} group by all
    """,
    "survey_responses": """
        select response_id, channel, scale_max from {table} where survey_type = 'csat'
    """,
}


EARLIER = {
    "crm/zendesk_tickets_2026-10-31.json.gz": ("crm/zendesk_tickets_2026-10-01.json.gz", "tickets", "ticket_id"),
    "crm/hubspot_contacts_2026-10-31.csv": ("crm/hubspot_contacts_2026-10-01.csv", "leads", "lead_id"),
}
"""A file, and the one that knew some of its things a month before it; what they are, and what tells them apart."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample as tools write it, with its dirt. For reading only."""
    to = tmp_path_factory.mktemp("sample")
    write_sample(to, rows=FEW_ROWS)
    return to


@pytest.fixture(scope="module")
def loaded(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, IngestReport]:
    """The sample in a warehouse; in another time zone, because moments say theirs."""
    pipeline = Company.at(tmp_path_factory.mktemp("pipeline"), exports=exports, timezone="Asia/Tehran")
    return pipeline, ingest(pipeline.settings)


@pytest.fixture(scope="module")
def warehouse(loaded: tuple[Company, IngestReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The company in `main`, the warehouse attached, and what is current in it in `now`."""
    with duckdb.connect(config={"threads": 2}) as connection:
        build_company(connection, FEW_ROWS, DEFAULT_SEED, DEFAULT_AS_OF)
        connection.execute(f"attach '{loaded[0].settings.warehouse}' as warehouse (read_only); create schema now")
        for entity in sample_entities():
            connection.execute(f"create view now.{entity.name} as {current(entity)}")
        yield connection


def current(entity: Entity) -> str:
    """What counts of an entity, as docs/what-a-row-is.md has it."""
    raw = f"warehouse.raw.{entity.name}"
    direction = "asc nulls last, _load, _row" if entity.rows == "events" else "desc nulls last, _load desc, _row desc"
    of_newest_file = (
        "_load in (select max_by(load, coalesce(version_at, timestamp '-infinity')) from warehouse.raw.loads "
        f"where entity = '{entity.name}' group by report)"
    )
    if entity.rows == "reports":
        return (
            f"with files as (select loads.load, version_at, report || '/' || series as edition, "
            f"min({entity.dated_by}) as first_day, max({entity.dated_by}) as last_day from {raw} "
            "inner join warehouse.raw.loads as loads on _load = loads.load group by all) "
            f"select rows.* from {raw} as rows inner join files as mine on _load = mine.load where not exists ("
            "select 1 from files as newer where newer.edition = mine.edition and newer.version_at > mine.version_at "
            f"and {entity.dated_by} between newer.first_day and newer.last_day)"
        )
    absorbed = f"{entity.key[0]} not in (select unnest(_absorbs) from {raw} where _absorbs is not null)"
    return (
        f"select * from {raw} where {of_newest_file if entity.rows == 'snapshot' else 'true'} "
        f"qualify row_number() over (partition by {', '.join(entity.key)} order by _version_at {direction}) = 1 "
        f"and _gone is not true and {absorbed if entity.rows == 'things' and len(entity.key) == 1 else 'true'}"
    )


def count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def planted(exports: Path) -> list[dict[str, str]]:
    with (exports / PLANTED).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_file_is_read_and_every_entity_filled(
    loaded: tuple[Company, IngestReport], warehouse: duckdb.DuckDBPyConnection
) -> None:
    _, report = loaded
    assert report.unclaimed == []
    assert [file for file in report.files if file.status != "loaded"] == []
    assert len(sample_entities()) == 33
    for entity in sample_entities():
        assert warehouse.execute(f"select count(*) from now.{entity.name}").fetchall() > [(0,)], entity.name


def test_every_export_is_read_by_the_layout_it_is_made_for(loaded: tuple[Company, IngestReport]) -> None:
    read = {layout for (layout,) in loaded[0].ask_warehouse("select distinct layout from raw.loads")}
    made = {export.layout for export in EXPORTS} - {"jira_issues", "sales_targets"}
    assert len(made) > 25
    assert made <= read
    assert {"jira_epics", "jira_tasks", "shopify_order_lines", "canonical_xlsx"} <= read


def test_quarantine_holds_what_was_planted_and_nothing_else(
    exports: Path, loaded: tuple[Company, IngestReport]
) -> None:
    found = loaded[0].ask_warehouse("select file, entity, line, coalesce(column_name, '') from raw.quarantine")
    expected = [
        (row["file"], row["entity"], int(row["line"]), row["column"])
        for row in planted(exports)
        if row["effect"] == "quarantined"
    ]
    assert len(expected) > 100
    assert sorted(found) == sorted(expected)


def test_repeats_are_those_that_were_planted_and_the_books_balance(
    exports: Path, loaded: tuple[Company, IngestReport], warehouse: duckdb.DuckDBPyConnection
) -> None:
    known = {
        (file, entity): count(
            warehouse,
            f"select count(*) from warehouse.raw.{entity} as rows inner join warehouse.raw.loads as loads "
            f"on rows._load = loads.load where file = '{earlier}' and {key} in (select {key} from {entity})",
        )
        for file, (earlier, entity, key) in EARLIER.items()
    }
    assert min(known.values()) > 1
    repeated = Counter((row["file"], row["entity"]) for row in planted(exports) if row["effect"] == "repeated")
    superseded = Counter((row["file"], row["entity"]) for row in planted(exports) if row["effect"] == "superseded")
    left_out = Counter((row["file"], row["entity"]) for row in planted(exports) if row["effect"] == "left out")
    ledger = loaded[0].ask_warehouse(
        "select file, entity, rows_read, rows_loaded, rows_added_up, rows_repeated, rows_superseded, rows_gone, "
        "rows_quarantined, rows_left_out from raw.loads"
    )
    assert len(ledger) > 120
    assert len(repeated) > 20
    for file, entity, read, new, parts, again, older, gone, quarantined, others in ledger:
        assert read == new + parts + again + older + gone + quarantined + others, file
        assert older == superseded[file, entity], file
        # last year's staff is the same people, in a snapshot of its own
        assert again == repeated[file, entity] + known.get((file, entity), 0), file
        assert (parts > 0) == ("meta_ads" in file), file
        assert gone == (3 if file == "crm/zendesk_tickets_2026-10-31.json.gz" else 0), file
        # totals, and what another entity reads, are no rows either
        assert others >= left_out[file, entity], file


def test_reports_are_finer_than_the_key_and_their_last_days_are_restated(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    meta = "from ad_performance where platform = 'meta_ads' and keyword is null"
    by_set = count(warehouse, f"select count(*) {meta}")
    ledger = "from warehouse.raw.loads where layout"
    assert count(warehouse, f"select sum(rows_loaded) {ledger} = 'meta_ads'") == by_set
    # one to three ads
    assert 0.8 * by_set > count(warehouse, f"select sum(rows_added_up) {ledger} = 'meta_ads'") > 0.5 * by_set

    google = "platform = 'google_ads' and keyword is not null"
    restated = f"{google} and date >= date_trunc('quarter', date) + interval 3 month - interval 7 day"
    # nothing follows the last file
    restated += " and date < date '2026-10-01'"
    again = count(warehouse, f"select count(*) from ad_performance where {restated}")
    assert again > 100
    everything = count(warehouse, f"select count(*) from ad_performance where {google}")
    assert count(warehouse, f"select sum(rows_loaded) {ledger} like 'google_ads%'") == everything + again
    drafts = "select count(*) from {} where campaign like '% (draft)'"
    assert count(warehouse, drafts.format("warehouse.raw.ad_performance")) > 10
    assert count(warehouse, drafts.format("now.ad_performance")) == 0


def test_three_currencies_become_one(
    exports: Path, loaded: tuple[Company, IngestReport], warehouse: duckdb.DuckDBPyConnection
) -> None:
    converted = {
        file.layout: [warning for warning in file.warnings.split("; ") if " converted to USD by rates.csv (" in warning]
        for file in loaded[1].files
    }
    assert [warning.split()[3] for warning in converted["meta_ads"]] == ["EUR"]
    assert [warning.split()[3] for warning in converted["persian_spend"]] == ["IRT"]
    assert [warning.split()[3] for warning in converted["persian_targets"]] == ["IRR", "IRT"]
    # a mark in a cell, a header, and neither, in files whose amounts are all dollars otherwise
    spend = (exports / "crm" / "persian_spend.csv").read_text(encoding="windows-1256")
    assert spend.count(" تومان") > 100
    assert "Amount spent (EUR)" in (exports / "analytics" / "meta_ads_2026-10-31.csv").read_text(encoding="utf-8")
    # the campaigns in Persian cost thousands of dollars, and not of tomans
    assert 0 < count(warehouse, "select max(amount) from now.marketing_spend where campaign ~ '.*[آ-ی].*'") < 100_000


def test_a_workbook_has_a_tab_a_month_with_a_total_of_its_own(
    exports: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    months = load_workbook(exports / "crm" / "book_marketing_spend.xlsx").sheetnames
    assert months[0] == "2024-11"
    assert months[-1] == "2026-10"
    assert len(months) == 24
    found = warehouse.execute(
        "select rows_loaded, rows_left_out from warehouse.raw.loads where layout = 'book_marketing_spend'"
    ).fetchall()
    not_media = "category <> 'media' and not regexp_matches(coalesce(campaign, ''), '[آ-ی]')"
    assert found == [(count(warehouse, f"select count(*) from marketing_spend where {not_media}"), len(months))]


def test_what_was_deleted_or_merged_is_in_raw_and_no_more(warehouse: duckdb.DuckDBPyConnection) -> None:
    # deleted since, and planted as deleted; merged since, and in the bin all along
    for entity, key, gone in (("tickets", "ticket_id", 3 + 1), ("leads", "lead_id", 2 + 3)):
        strangers = f"{key} not in (select {key} from {entity})"
        raw = f"select count(distinct {key}) from warehouse.raw.{entity} where {strangers}"
        assert count(warehouse, raw) == gone, entity
        assert count(warehouse, f"select count(*) from now.{entity} where {strangers}") == 0, entity
    merged = "select count(*) from warehouse.raw.leads where len(_absorbs) = 2"
    assert count(warehouse, merged) == 1
    bin_of_salesforce = (
        "select rows_left_out from warehouse.raw.loads where file = 'crm/salesforce_leads_2026-10-31.csv'"
    )
    # they were never known, so that nothing is gone by them
    assert count(warehouse, bin_of_salesforce) == 3


def test_an_order_may_have_two_lines_that_are_alike(warehouse: duckdb.DuckDBPyConnection) -> None:
    alike = (
        "select count(*) from (select order_id from {} group by order_id, product_id, quantity, unit_price, revenue, "
        "quantity_returned having count(*) > 1)"
    )
    shop = "(select * from now.order_lines where order_line_id not in (select order_line_id from order_lines))"
    assert count(warehouse, alike.format(shop)) > 5


@pytest.mark.parametrize("entity", sample_entities(), ids=lambda entity: entity.name)
def test_what_is_current_is_the_company(entity: Entity, warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = [
        f'"{column.name}"' for column in entity.columns if column.name not in NOT_CARRIED.get(entity.name, set())
    ]
    assert len(columns) > 1
    selects = [f"select {', '.join(columns)} from {{table}}"]
    if entity.name in ("order_lines", "ad_performance"):
        selects = [selects[0].replace("select", "select distinct")]
    if entity.name in NEEDED_ALL_THE_SAME:
        selects.append(NEEDED_ALL_THE_SAME[entity.name])
    for select in selects:
        made, now = select.format(table=entity.name), select.format(table=f"now.{entity.name}")
        for one, other in ((made, now), (now, made)):
            assert warehouse.execute(f"({one}) except all ({other}) limit 3").fetchall() == []


def test_dirt_is_added_to_the_good_rows_and_changes_none(exports: Path, tmp_path: Path) -> None:
    report = write_sample(tmp_path, rows=FEW_ROWS, is_clean=True)
    assert report.planted == []
    assert not (tmp_path / PLANTED).exists()
    lines: dict[str, set[tuple[str, int]]] = {}
    for row in planted(exports):
        lines.setdefault(row["file"], set()).add((row["sheet"], int(row["line"])))
    assert len(lines) > 40
    for file in report.files:
        if file not in lines:
            assert (exports / file).read_bytes() == (tmp_path / file).read_bytes(), file
        else:
            soiled, clean = sheets_of(exports / file), sheets_of(tmp_path / file)
            assert soiled.keys() == clean.keys(), file
            for sheet, rows in soiled.items():
                kept = [row for number, row in enumerate(rows, 1) if (sheet, number) not in lines[file]]
                assert kept == clean[sheet], (file, sheet)


def sheets_of(path: Path) -> dict[str, list[object]]:
    """The rows of each sheet of a workbook; what has no several sheets is one without a name."""
    if path.suffix != ".xlsx":
        return {"": rows_of(path)}
    sheets = {sheet.title: list[object](sheet.iter_rows(values_only=True)) for sheet in load_workbook(path).worksheets}
    return sheets if len(sheets) > 1 else {"": next(iter(sheets.values()))}


def rows_of(path: Path) -> list[object]:
    """The lines of a text, or the rows of a Parquet file, as they are."""
    if path.suffix == ".parquet":
        return list(duckdb.execute("select cast(row as text) from read_parquet(?) as row", [str(path)]).fetchall())
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    if content.startswith(b"\xff\xfe"):
        return list(content.decode("utf-16").split("\n"))[:-1]
    return list(content.split(b"\n"))[:-1]


def test_all_that_goes_wrong_is_planted_in_the_usual_sample(tmp_path: Path) -> None:
    report = write_sample(tmp_path)
    kinds = {dirt.kind for soiled in DIRT.values() for dirt in soiled}
    assert len(kinds) > 20
    assert {place.kind for place in report.planted} == kinds
    assert {place.effect for place in report.planted} == {"quarantined", "repeated", "superseded", "left out"}
    # some are too many for the smallest files
    assert len(report.planted) > 0.95 * sum(len(dirt.effects) for soiled in DIRT.values() for dirt in soiled)


def test_the_smallest_sample_is_read_whole(tmp_path: Path) -> None:
    write_sample(tmp_path / "exports", rows=MINIMUM_ROWS)
    pipeline = Company.at(tmp_path)
    report = ingest(pipeline.settings)
    assert report.unclaimed == []
    assert [file for file in report.files if file.status != "loaded"] == []


def test_files_are_stored_as_companies_store_them(exports: Path) -> None:
    heads = {path.suffix: path for path in exports.rglob("*") if path.is_file()}
    assert {".csv", ".gz", ".zip", ".jsonl", ".parquet", ".xlsx"} <= set(heads)
    assert (exports / "crm" / "customers.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (exports / "hr" / "project_costs.csv").read_bytes().startswith(b"\xff\xfe")
    assert "كمپين" not in (exports / "crm" / "persian_spend.csv").read_text(encoding="windows-1256")
    assert "کمپين" in (exports / "crm" / "persian_spend.csv").read_text(encoding="windows-1256")
