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
    "ad_performance": {"video_views"},
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
    # an order's lines of one product are one line
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
    "survey_responses": """
        select response_id, channel, scale_max from {table} where survey_type = 'csat'
    """,
}


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
    """What counts of an entity, as docs/what-a-row-is.md has it; no report of the sample is restated."""
    raw = f"warehouse.raw.{entity.name}"
    direction = "asc nulls last, _load, _row" if entity.rows == "events" else "desc nulls last, _load desc, _row desc"
    of_newest_file = (
        "_load in (select max_by(load, coalesce(version_at, timestamp '-infinity')) from warehouse.raw.loads "
        f"where entity = '{entity.name}' group by report)"
    )
    if entity.rows == "reports":
        return f"select * from {raw}"
    return (
        f"select * from {raw} where {of_newest_file if entity.rows == 'snapshot' else 'true'} "
        f"qualify row_number() over (partition by {', '.join(entity.key)} order by _version_at {direction}) = 1 "
        "and _gone is not true"
    )


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
    exports: Path, loaded: tuple[Company, IngestReport]
) -> None:
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
        assert again == repeated[file, entity], file
        # totals, and what another entity reads, are no rows either
        assert others >= left_out[file, entity], file


@pytest.mark.parametrize("entity", sample_entities(), ids=lambda entity: entity.name)
def test_what_is_current_is_the_company(entity: Entity, warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = [
        f'"{column.name}"' for column in entity.columns if column.name not in NOT_CARRIED.get(entity.name, set())
    ]
    assert len(columns) > 1
    selects = [f"select {', '.join(columns)} from {{table}}"]
    if entity.name == "order_lines":
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
    lines: dict[str, set[int]] = {}
    for row in planted(exports):
        lines.setdefault(row["file"], set()).add(int(row["line"]))
    assert len(lines) > 40
    for file in report.files:
        if file not in lines:
            assert (exports / file).read_bytes() == (tmp_path / file).read_bytes(), file
        else:
            kept = [row for number, row in enumerate(rows_of(exports / file), 1) if number not in lines[file]]
            assert kept == rows_of(tmp_path / file), file


def rows_of(path: Path) -> list[object]:
    """The lines of a text, or the rows of a table, as they are."""
    if path.suffix == ".parquet":
        return list(duckdb.execute("select cast(row as text) from read_parquet(?) as row", [str(path)]).fetchall())
    if path.suffix == ".xlsx":
        return list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
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
