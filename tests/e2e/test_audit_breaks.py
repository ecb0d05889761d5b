"""What fails on its way to being published is held with its reason; everything else goes out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from company import FEW_KPIS, Company, few_exports, project_with

from kpi_pipeline.audit.audit import audit
from kpi_pipeline.build.build import build
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.release.publish import publish

GOOD, BAD = dt.date(2024, 6, 5), dt.date(2024, 6, 6)

REASONS = {
    "successful_orders": "its SQL failed: ",
    "average_order_value": "not true that kpi_value is a number from 0 to 5: ",
    "employee_turnover_rate": "entity employee_spans: not true that employee_id, active_from together name one row: ",
    "monthly_recurring_revenue": "entity subscription_days: its audit could not be carried out (it is there): ",
}


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A good night, and one in which four of five KPIs break, each in its own way."""
    folder = tmp_path_factory.mktemp("broken")
    company = Company.at(folder, project=project_with(folder / "project", FEW_KPIS))
    few_exports(company)
    assert company.night(GOOD).held == {}

    models = company.settings.kpi_models
    _change(models / "sales" / "successful_orders.sql", "count(*) as numerator", "count(no_such_column) as numerator")
    _change(
        models / "sales" / "average_order_value.yml", "unit: currency\n", "unit: currency\n          range: [0, 5]\n"
    )
    spans = company.settings.dbt_project / "models" / "entities" / "people" / "employee_spans.sql"
    _change(spans, "select\n", "select unnest([1, 2]) as copy, * from (\nselect\n")
    spans.write_text(spans.read_text(encoding="utf-8").rstrip() + "\n) as once\n", encoding="utf-8")
    ingest(company.settings)
    build(company.settings, BAD)
    with duckdb.connect(str(company.settings.warehouse)) as connection:
        connection.execute("drop table entities.subscription_days")
    audit(company.settings)
    publish(company.settings)
    return company


def test_what_breaks_is_held_with_its_reason(broken: Company) -> None:
    found = broken.query("select kpi, verdict, reason from kpi_runs where as_of = ?", [BAD])
    reasons = {kpi: reason for kpi, verdict, reason in found if verdict == "held"}
    assert set(reasons) == set(REASONS)
    for kpi, words in REASONS.items():
        assert words in reasons[kpi]
    assert "no_such_column" in reasons["successful_orders"]
    assert "rows, such as 10.0" in reasons["average_order_value"]
    assert [(kpi, verdict, reason) for kpi, verdict, reason in found if verdict != "held"] == [
        ("page_views", "published", "")
    ]


def test_what_is_held_stays_stale_and_the_rest_is_fresh(broken: Company) -> None:
    assert broken.query("select kpi, as_of, is_stale from kpi_values group by all order by all") == [
        ("average_order_value", GOOD, True), ("employee_turnover_rate", GOOD, True),
        ("monthly_recurring_revenue", GOOD, True), ("page_views", BAD, False), ("successful_orders", GOOD, True),
    ]  # fmt: skip
    assert broken.query(
        "select kpi_value from kpi_values where kpi = 'average_order_value' and period_grain = 'month' "
        "and dimension = 'all'"
    ) == [(17.75,)]


def test_an_audit_that_broke_is_no_verdict_on_the_data(broken: Company) -> None:
    severities = broken.query(
        "select subject, severity, success from kpi_audits where run = (select max(run) from kpi_audits) "
        "and not success and severity <> 'warning' order by all"
    )
    assert severities == [
        ("entity:employee_spans", "critical", False),
        ("entity:subscription_days", "error", False),
        ("kpi:average_order_value", "critical", False),
    ]


def test_the_command_line_says_the_same(broken: Company) -> None:
    status = broken.kpi("status")
    assert status.returncode == 3
    for kpi, words in REASONS.items():
        assert kpi in status.stdout
        assert words in status.stdout
    audited = broken.kpi("audit")
    assert audited.returncode == 3
    assert "1 of 5 KPIs may be published." in audited.stdout
