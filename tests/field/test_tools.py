"""Files of tools under the names that people and buttons give them, and moments as tools write them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from company import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.contracts.layout import CanonicalLayout, read_layouts
from kpi_pipeline.ingest.values import moment
from kpi_pipeline.warehouse.connection import literal

ENTITIES = read_entities(ROOT / "dbt_project", [ROOT / "layouts"])
CASES = sorted(path for path in (ROOT / "tests/golden/layouts").glob("*/*") if path.is_dir())
TOOL_OF = {declared.layout.name: declared.path for declared in read_layouts([ROOT / "layouts"])}
WITH_OFFSET = "%Y/%m/%d %I:%M:%S %p GMT%z"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_no_tool_takes_the_name_of_a_file_in_our_columns(entity: Entity) -> None:
    for rest in ("", "_2026-10-31", "_2026-10-31 (1)", "-from-the-shop", "-export-2026-10-31", "_2026-10"):
        for suffix in ("csv", "jsonl", "parquet", "xlsx"):
            path = f"{entity.system}/{entity.name}{rest}.{suffix}"
            if path == "crm/subscriptions.csv":
                continue  # Stripe's button writes it too: its headers decide
            assert isinstance(entity.layout_of(path), CanonicalLayout)
            others = [other.name for other in ENTITIES if other != entity and other.layout_of(path)]
            assert others == []


@pytest.mark.parametrize(
    ("path", "entity", "layout"),
    [
        ("crm/orders_2024-06-30_orderby-date_order-desc.csv", "orders", "woocommerce_orders_download"),
        ("crm/orders_2024-06-30_page-2_orderby-net-total (1).csv", "orders", "woocommerce_orders_download"),
        ("crm/bestellungen_2024-06-30_orderby-date_order-desc.csv", "orders", "woocommerce_orders_de_download"),
        ("crm/--------_2024-06-30_orderby-date_order-desc.csv", "orders", "woocommerce_orders_fa_download"),
        ("crm/wc-orders-report-export-17197536001234.csv", "orders", "woocommerce_orders_emailed"),
        ("crm/zendesk_tickets_2024-06-30.csv", "tickets", "zendesk_tickets_csv"),
        ("crm/zendesk_tickets_2024-06-30.json", "tickets", "zendesk_tickets"),
        ("crm/intercom_conversations_2024-06.jsonl.gz", "survey_responses", "intercom_ratings"),
        ("analytics/brandwatch_2024-06-30.csv", "brand_mentions", "brandwatch_mentions"),
    ],
)
def test_a_file_under_the_name_that_its_tool_gives_it_finds_its_layout(path: str, entity: str, layout: str) -> None:
    found = next(each for each in ENTITIES if each.name == entity).layout_of(path)
    assert found is not None
    assert found.name == layout


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2024/06/05 10:15:30 AM GMT+2", "2024-06-05 08:15:30"),
        ("2024/06/05 11:59:59 PM GMT+3:30", "2024-06-05 20:29:59"),
        ("2024/06/06 12:05:00 AM GMT-10", "2024-06-06 10:05:00"),
        ("2024/06/06 12:05:00 AM GMT+02:00", "2024-06-05 22:05:00"),
        ("۲۰۲۴/۰۶/۰۵ ۱۰:۱۵:۳۰ AM GMT+۲", "2024-06-05 08:15:30"),
        ("2024/06/06 12:05:00 AM", None),
        ("2024/06/06 12:05:00 AM GMT+2 or so", None),
    ],
)
def test_an_offset_as_browsers_write_it_is_read(text: str, in_utc: str | None) -> None:
    found = duckdb.sql(f"select cast({moment(literal(text), WITH_OFFSET)} as text)").fetchone()
    assert found == (in_utc,)


@given(
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.integers(-48, 56),
)
@settings(max_examples=40, deadline=None)
def test_a_moment_is_the_same_whatever_offset_it_is_written_in(in_utc: dt.datetime, quarters: int) -> None:
    local = in_utc + quarters * dt.timedelta(minutes=15)
    hours, minutes = divmod(abs(quarters) * 15, 60)
    offset = f"{'-' if quarters < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
    written = f"{local:%Y/%m/%d %I:%M:%S %p} GMT{offset}"
    assert duckdb.sql(f"select {moment(literal(written), WITH_OFFSET)}").fetchone() == (in_utc,)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_export_of_a_tool_is_read_by_the_layouts_of_that_tool_alone(case: Path) -> None:
    (path,) = [path.relative_to(case).as_posix() for path in case.glob("*/*")]
    found = {layout.name for entity in ENTITIES if (layout := entity.layout_of(path))}
    assert case.name in found
    assert {TOOL_OF[name] for name in found} == {TOOL_OF[case.name]}
