"""Releases: what passed replaces, what is held keeps its old rows, and no past number changes in silence."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_pipeline.audit.audit import Finding, audit
from kpi_pipeline.contracts.tables import TABLES
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.release.publish import publish
from kpi_pipeline.release.store import current_release, held, list_releases, rollback
from kpi_pipeline.schedule import red_sentence
from kpi_pipeline.warehouse.connection import connect

JANUARY, FEBRUARY, MARCH = "2024-01-31", "2024-02-29", "2024-03-31"
RUN_COLUMNS = {"kpi_runs": {"run"}, "kpi_audits": {"run"}}


def total(start: str, value: float | None, grain: str = "month", denominator: float | None = None) -> Any:
    return (grain, start, "all", "all", value, denominator)


def member(start: str, name: str, value: float, grain: str = "month") -> Any:
    return (grain, start, "channel", name, value, None)


def months(*values: float) -> list[Any]:
    return [total(f"2024-{number:02}-01", value) for number, value in enumerate(values, start=1)]


@pytest.fixture
def company(new_nights: Callable[..., Any]) -> Any:
    """Two KPIs that count, at the grain of months."""
    nights = new_nights(grains="month")
    for name in ("orders", "visits"):
        nights.declare(name, kind="sum", unit="count")
    nights.targets("orders,all,all,month,2024-01-01,,,100,,,")
    return nights


def revisions(company: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = company.published(
        "select kpi, strftime(period_start, '%m'), member, old_value, new_value, cause from kpi_revisions order by all"
    )
    return found


# --- what a release is ---


def test_a_release_has_every_promised_table_with_its_columns_and_types_in_order(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})

    for table, columns in TABLES.items():
        described = [(row[0], row[1].lower()) for row in company.published(f"describe {table}")]
        names = {"text": "varchar"}
        assert described == [(name, names.get(kind, kind)) for name, kind in columns.items()], table
    assert company.published("select distinct table_type from information_schema.tables") == [("BASE TABLE",)]


def test_the_catalogue_names_owner_objective_and_domain_in_both_languages(company: Any) -> None:
    for file, key, words in (("owners", "tests", "آزمون‌گران"), ("objectives", "none", "هدف")):
        (company.settings.kpi_models / f"{file}.csv").write_text(
            f"key,title_en,title_fa\n{key},The {file},{words}\n", encoding="utf-8"
        )
    (company.settings.kpi_models / "sales" / "_sales.yml").write_text(
        "groups: [{name: sales, owner: {name: tests}, config: {meta: {domain: {title: {en: Selling, fa: فروش}, "
        "review_by: 2030-01-01}}}}]",
        encoding="utf-8",
    )
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})

    assert company.published(
        "select distinct owner, objective, domain, owner_en, owner_fa, objective_fa, domain_en, domain_fa "
        "from kpi_catalog"
    ) == [("tests", "The objectives", "sales", "The owners", "آزمون‌گران", "هدف", "Selling", "فروش")]


def test_every_table_is_there_as_parquet_and_csv_with_the_same_rows(company: Any) -> None:
    release = company.night(JANUARY, {"orders": months(5), "visits": months(9)})

    for table in TABLES:
        in_database = company.published(f"select * from {table}")
        assert duckdb.sql(f"from read_parquet('{release.path}/parquet/{table}.parquet')").fetchall() == in_database
        lines = duckdb.sql(f"select count(*) from read_csv('{release.path}/csv/{table}.csv', header=true)").fetchall()
        assert lines == [(len(in_database),)]


def test_the_manifest_says_what_is_in_the_release_and_its_checksums_hold(company: Any) -> None:
    import hashlib

    release = company.night(
        JANUARY, {"orders": months(5), "visits": months(9)}, held={"visits": "it is wrong"}, run="r1"
    )

    manifest = json.loads((release.path / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["release"], manifest["as_of"], manifest["run"]) == (release.name, JANUARY, "r1")
    assert manifest["held"] == {"visits": "it is wrong"} == held(company.settings)
    assert manifest["rows"] == {table: company.published(f"select count(*) from {table}")[0][0] for table in TABLES}
    files = [path for path in release.path.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert len(files) == 1 + 2 * len(TABLES)
    assert manifest["sha256"] == {
        path.relative_to(release.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


# --- held ---


def test_a_held_kpi_keeps_its_old_rows_in_every_table_marked_stale(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.declare("orders", kind="sum", unit="count", owner="somebody else")
    company.targets("orders,all,all,month,2024-01-01,,,999,,,")
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)}, held={"orders": "it is wrong"})

    assert company.published(
        "select kpi, month(period_start), kpi_value, as_of, is_stale from kpi_values order by all"
    ) == [
        ("orders", 1, 5.0, dt.date(2024, 1, 31), True),
        ("visits", 1, 9.0, dt.date(2024, 2, 29), False),
        ("visits", 2, 8.0, dt.date(2024, 2, 29), False),
    ]
    assert company.published("select kpi, kpi_value, target, is_stale from kpi_scorecard where kpi = 'orders'") == [
        ("orders", 5.0, 100.0, True)
    ]
    assert company.published("select owner from kpi_catalog where kpi = 'orders'") == [("tests",)]
    assert company.published("select target from kpi_targets") == [(100.0,)]
    assert revisions(company) == []


def test_a_held_kpi_that_passes_again_is_fresh_and_its_changed_past_is_a_revision(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.night(FEBRUARY, {"orders": months(66, 7), "visits": months(9, 8)}, held={"orders": "it is wrong"})
    company.night(MARCH, {"orders": months(6, 7, 8), "visits": months(9, 8, 7)})

    assert company.published("select distinct is_stale from kpi_values") == [(False,)]
    assert revisions(company) == [("orders", "01", "all", 5.0, 6.0, "data")]


def test_a_kpi_that_is_held_on_its_first_night_has_a_catalogue_entry_and_no_values(company: Any) -> None:
    release = company.night(JANUARY, {"orders": months(5), "visits": months(9)}, held={"orders": "it is wrong"})

    assert release.held == {"orders": "it is wrong"}
    assert company.published("select distinct kpi from kpi_values") == [("visits",)]
    assert company.published("select kpi from kpi_catalog order by 1") == [("orders",), ("visits",)]
    assert company.published("select kpi, verdict, reason, since from kpi_runs order by 1") == [
        ("orders", "held", "it is wrong", dt.date(2024, 1, 31)), ("visits", "published", "", dt.date(2024, 1, 31)),
    ]  # fmt: skip


def test_a_kpi_that_fails_in_the_build_is_held_too(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.build(FEBRUARY, {"orders": months(5, 6), "visits": months(9, 9)}, failed=["visits"])
    company.judge({"visits": "its SQL failed"})
    publish(company.settings)

    assert company.published("select month(period_start), is_stale from kpi_values where kpi = 'visits'") == [(1, True)]


def test_a_kpi_that_had_values_and_now_has_no_data_is_held_not_emptied(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    release = company.night(FEBRUARY, {"orders": [], "visits": []}, days=None)

    reason = "it had values before, and its inputs have no rows now"
    assert release.held == {"orders": reason, "visits": reason}
    assert company.published("select kpi, kpi_value, is_stale from kpi_values order by 1") == [
        ("orders", 5.0, True), ("visits", 9.0, True),
    ]  # fmt: skip


def test_a_kpi_that_never_had_a_row_is_no_data_and_not_held(company: Any) -> None:
    release = company.night(JANUARY, {"orders": [], "visits": []}, days=None)

    assert release.held == {}
    assert company.published("select distinct verdict, reason from kpi_runs") == [
        ("no_data", "its inputs have no rows yet")
    ]
    assert company.published("select target from kpi_targets") == [(100.0,)]
    # held back is nothing, and all is not well
    assert red_sentence(company.settings).startswith("Published without a number: no KPI has anything to count in ")
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    assert red_sentence(company.settings) == ""


def test_a_refused_export_is_named_among_what_is_held(company: Any) -> None:
    company.build(JANUARY, {"orders": months(5), "visits": months(9)})
    with connect(company.settings) as connection:
        connection.execute(
            "insert into raw.export_status values ('orders', 'crm', 'refused', 'a.csv: it is empty', '')"
        )
    company.judge()

    assert publish(company.settings).held == {"export:orders": "a.csv: it is empty"}


def test_a_kpi_that_is_no_longer_declared_leaves_the_release(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    (company.settings.kpi_models / "sales" / "visits.yml").unlink()
    company.night(FEBRUARY, {"orders": months(5, 6)})

    assert company.published("select distinct kpi from kpi_values") == [("orders",)]
    assert company.published("select kpi from kpi_catalog") == [("orders",)]


# --- revisions ---


def test_a_changed_past_value_is_a_revision_and_stays_in_the_list(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    second = company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)})
    company.night(MARCH, {"orders": months(6, 7, 8), "visits": months(9, 8, 7)})

    assert revisions(company) == [("orders", "01", "all", 5.0, 6.0, "data")]
    assert company.published("select changed_in_release from kpi_revisions") == [(second.name,)]


@pytest.mark.parametrize(("new", "is_revision"), [(1e6 * (1 + 2e-9), True), (1e6 * (1 + 5e-10), False), (-1e6, True)])
def test_a_difference_of_rounding_is_no_revision(company: Any, new: float, is_revision: bool) -> None:
    company.night(JANUARY, {"orders": months(1e6), "visits": months(9)})
    company.night(FEBRUARY, {"orders": months(new, 7), "visits": months(9, 8)})

    assert len(revisions(company)) == is_revision


def test_a_running_period_changes_every_night_without_a_revision(company: Any) -> None:
    company.night("2024-01-15", {"orders": months(5), "visits": months(9)})
    company.night(JANUARY, {"orders": months(50), "visits": months(90)})

    assert revisions(company) == []


def test_late_data_of_a_period_that_had_none_is_no_revision(company: Any) -> None:
    company.night(FEBRUARY, {"orders": months(0, 7), "visits": months(0, 8)}, days=("2024-02-01", FEBRUARY))
    company.night(FEBRUARY, {"orders": months(3, 7), "visits": months(3, 8)}, days=("2024-01-01", FEBRUARY))

    assert revisions(company) == []


def test_a_value_that_appears_or_disappears_in_a_known_period_is_a_revision(company: Any) -> None:
    company.declare("orders")
    company.declare("visits")
    ratio = {
        name: [total("2024-01-01", 1, denominator=0), total("2024-02-01", 1, denominator=2)] for name in ("orders",)
    }
    company.night(FEBRUARY, ratio)
    ratio = {"orders": [total("2024-01-01", 1, denominator=4), total("2024-02-01", 1, denominator=0)]}
    company.night(FEBRUARY, ratio)

    assert revisions(company) == [
        ("orders", "01", "all", None, 0.25, "data"), ("orders", "02", "all", 0.5, None, "data"),
    ]  # fmt: skip


def test_a_new_definition_is_the_cause_of_what_it_changes(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.declare("orders", kind="sum", unit="count", version=2)
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)})

    assert revisions(company) == [("orders", "01", "all", 5.0, 6.0, "definition")]
    assert company.published("select distinct definition_version from kpi_values where kpi = 'orders'") == [(2,)]


def test_a_cohort_that_fills_up_is_maturing(company: Any) -> None:
    company.declare("orders", kind="cohort")
    company.night(JANUARY, {"orders": [total("2024-01-01", 1, denominator=4)], "visits": months(9)})
    company.night(FEBRUARY, {"orders": [total("2024-01-01", 2, denominator=4)], "visits": months(9, 8)})

    assert revisions(company) == [("orders", "01", "all", 0.25, 0.5, "maturing")]


def test_a_member_that_changes_is_a_revision_of_its_own(company: Any) -> None:
    company.night(JANUARY, {"orders": [*months(5), member("2024-01-01", "web", 5)], "visits": []})
    parts = [*months(5, 1), member("2024-01-01", "web", 4), member("2024-01-01", "shop", 1)]
    company.night(FEBRUARY, {"orders": parts, "visits": []})

    assert revisions(company) == [
        ("orders", "01", "shop", None, 1.0, "data"), ("orders", "01", "web", 5.0, 4.0, "data"),
    ]  # fmt: skip


def test_a_re_ranking_of_members_is_no_revision(company: Any) -> None:
    old = [member("2024-01-01", "web", 5), member("2024-01-01", "shop", 3), member("2024-01-01", "other", 2)]
    new = [member("2024-01-01", "web", 5), member("2024-01-01", "phone", 1), member("2024-01-01", "other", 4)]
    company.night(JANUARY, {"orders": [*months(10), *old], "visits": []})
    company.night(FEBRUARY, {"orders": [*months(10, 1), *new], "visits": []})

    assert revisions(company) == []


def test_a_change_of_a_member_that_stays_is_a_revision_even_in_a_re_ranking(company: Any) -> None:
    old = [member("2024-01-01", "web", 5), member("2024-01-01", "shop", 3), member("2024-01-01", "other", 2)]
    new = [member("2024-01-01", "web", 6), member("2024-01-01", "phone", 1), member("2024-01-01", "other", 3)]
    company.night(JANUARY, {"orders": [*months(10), *old], "visits": []})
    company.night(FEBRUARY, {"orders": [*months(10, 1), *new], "visits": []})

    assert revisions(company) == [("orders", "01", "web", 5.0, 6.0, "data")]


def test_a_member_that_leaves_the_window_of_days_is_no_revision(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(grains="day", member_days=2)
    nights.declare("orders", kind="sum", unit="count")
    days = [f"2024-01-0{day}" for day in range(1, 6)]
    parts = [row for day in days for row in (total(day, 1, "day"), member(day, "web", 1, "day"))]
    nights.night("2024-01-03", {"orders": parts})
    nights.night("2024-01-05", {"orders": parts})

    assert revisions(nights) == []


def test_a_backfill_of_an_earlier_day_is_no_revision(company: Any) -> None:
    company.night(MARCH, {"orders": months(5, 6, 7), "visits": months(9, 9, 9)})
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})

    assert revisions(company) == []
    assert company.published("select count(*) from kpi_values") == [(2,)]
    assert company.published("select as_of, verdict from kpi_runs where kpi = 'orders' order by 1") == [
        (dt.date(2024, 1, 31), "published"), (dt.date(2024, 3, 31), "published"),
    ]  # fmt: skip


# --- runs ---


def test_since_is_the_first_night_of_the_same_verdict_in_a_row(company: Any) -> None:
    parts = {"orders": months(5), "visits": months(9)}
    for day, reason in (
        ("2024-01-10", ""),
        ("2024-01-11", "a"),
        ("2024-01-12", "b"),
        ("2024-01-13", ""),
        ("2024-01-14", ""),
    ):
        company.night(day, parts, held={"orders": reason} if reason else None)

    columns = "day(as_of), verdict, reason, day(since)"
    assert company.published(f"select {columns} from kpi_runs where kpi = 'orders' order by 1") == [
        (10, "published", "", 10), (11, "held", "a", 11), (12, "held", "b", 11), (13, "published", "", 13),
        (14, "published", "", 13),
    ]  # fmt: skip


def test_runs_remember_as_many_nights_as_are_to_be_kept(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(grains="month", keep_nights=2)
    nights.declare("orders", kind="sum", unit="count")
    for day in ("2024-01-10", "2024-01-11", "2024-01-12"):
        nights.night(day, {"orders": months(5)})

    assert nights.published("select day(as_of) from kpi_runs order by 1") == [(11,), (12,)]


def test_a_night_that_is_run_again_replaces_its_own_rows(company: Any) -> None:
    parts = {"orders": months(5), "visits": months(9)}
    for run in ("first", "second"):
        company.build(JANUARY, parts, run=run)
        company.judge(findings=[Finding("kpi:orders", "e", "warning", False, "x", "y")])
        publish(company.settings)

    assert company.published("select run, kpi from kpi_runs order by all") == [
        ("second", "orders"),
        ("second", "visits"),
    ]
    assert company.published("select run from kpi_audits") == [("second",)]


def test_a_night_that_is_run_again_gives_the_same_bytes_but_for_the_names_of_runs(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)}, run="r0")
    files = []
    for run in ("r1", "r2"):
        parts = {"orders": [*months(6, 7), member("2024-02-01", "web", 7)], "visits": months(9, 8)}
        company.build(FEBRUARY, parts, run=run)
        company.judge({"visits": "wrong"}, [Finding("kpi:visits", "e", "critical", False, "x", 'y, "z"\n')])
        release = publish(company.settings)
        files.append({path.relative_to(release.path): path for path in release.path.glob("*/kpi_*")}
                     | {path.relative_to(release.path): path for path in release.path.glob("*/calendar*")})  # fmt: skip
    first, second = files

    assert set(first) == set(second)
    assert len(first) == 2 * len(TABLES)
    for name in first:
        if name.stem not in RUN_COLUMNS:
            assert first[name].read_bytes() == second[name].read_bytes(), name
    for table, columns in RUN_COLUMNS.items():
        kept = ", ".join(column for column in TABLES[table] if column not in columns)
        rows = [
            duckdb.sql(f"select {kept} from read_parquet('{each[Path(f'parquet/{table}.parquet')]}')").fetchall()
            for each in files
        ]
        assert rows[0] == rows[1]
        assert rows[0] != []


# --- the release before was written by another version ---


def change_release(company: Any, *statements: str) -> None:
    """Make the current release what another version would have written."""
    with duckdb.connect(str(company.settings.current / "kpi.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def test_held_rows_of_a_release_that_lacks_columns_are_kept_and_those_columns_are_empty(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    change_release(
        company,
        "alter table kpi_catalog drop column owner_en",
        "alter table kpi_catalog drop column domain_fa",
        "alter table kpi_values drop column definition_version",
        "alter table kpi_scorecard drop column year_ago_change",
        "alter table kpi_scorecard drop column is_stale",
        "alter table kpi_targets drop column benchmark",
    )
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(10, 8)}, held={"orders": "it is wrong"})

    assert company.published("select kpi, title_en, owner, owner_en, domain_fa from kpi_catalog order by all") == [
        ("orders", "A KPI", "tests", None, None), ("visits", "A KPI", "tests", "tests", "Sales"),
    ]  # fmt: skip
    assert company.published(
        "select kpi, month(period_start), kpi_value, definition_version, is_stale from kpi_values order by all"
    ) == [("orders", 1, 5.0, None, True), ("visits", 1, 10.0, 1, False), ("visits", 2, 8.0, 1, False)]
    assert company.published(
        "select kpi_value, year_ago_change, status, is_stale from kpi_scorecard where kpi = 'orders'"
    ) == [(5.0, None, "off_track", True)]
    assert company.published("select kpi, target, benchmark from kpi_targets") == [("orders", 100.0, None)]
    assert revisions(company) == [("visits", "01", "all", 9.0, 10.0, "data")]


def test_runs_audits_and_revisions_of_a_release_that_lacks_columns_are_kept(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.build(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)}, run="second")
    company.judge({"visits": "it is wrong"}, [Finding("kpi:visits", "e", "warning", False, "x", "y")])
    publish(company.settings)
    change_release(
        company,
        "alter table kpi_runs drop column suppressed_count",
        "alter table kpi_audits drop column severity",
        "alter table kpi_revisions drop column cause",
    )
    company.night(MARCH, {"orders": months(6, 7, 9), "visits": months(9, 8, 7)}, held={"visits": "it is wrong"})

    assert company.published(
        "select month(as_of), verdict, month(since), suppressed_count from kpi_runs where kpi = 'visits' order by 1"
    ) == [(1, "published", 1, None), (2, "held", 2, None), (3, "held", 2, 0)]
    assert company.published("select run, subject, severity, observed from kpi_audits") == [
        ("second", "kpi:visits", None, "x")
    ]
    assert revisions(company) == [("orders", "01", "all", 5.0, 6.0, None)]


def test_a_release_with_a_column_and_a_table_more_is_read_for_what_is_known(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    tables = ("kpi_catalog", "kpi_values", "kpi_scorecard", "kpi_runs", "kpi_audits", "kpi_revisions", "kpi_targets")
    change_release(
        company,
        *(f"alter table {table} add column from_the_future text default 'new'" for table in tables),
        "create table kpi_future (kpi text)",
    )
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)}, held={"orders": "it is wrong"})

    for table, columns in TABLES.items():
        assert [row[0] for row in company.published(f"describe {table}")] == list(columns), table
    assert company.published("select kpi, kpi_value from kpi_values where is_stale") == [("orders", 5.0)]
    assert company.published("select distinct table_name from information_schema.tables order by 1") == [
        (table,) for table in sorted(TABLES)
    ]


def test_a_table_that_the_release_before_lacks_is_as_on_the_first_night(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    change_release(company, "drop table kpi_revisions", "drop table kpi_runs", "drop table kpi_targets")
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)}, held={"visits": "it is wrong"})

    assert revisions(company) == [("orders", "01", "all", 5.0, 6.0, "data")]
    assert company.published("select kpi, month(since) from kpi_runs order by 1") == [("orders", 2), ("visits", 2)]
    assert company.published("select kpi from kpi_targets") == [("orders",)]


# --- what must not be published ---


def test_without_a_warehouse_there_is_nothing_to_publish_and_a_sentence_says_what_to_run(company: Any) -> None:
    with pytest.raises(PipelineError, match=r"There is no warehouse at .* Run `kpi run` first"):
        publish(company.settings)


def test_a_build_that_has_not_been_audited_is_not_published(company: Any) -> None:
    company.build(JANUARY, {"orders": months(5), "visits": months(9)})

    with pytest.raises(PipelineError, match=r"The last build has not been audited. Run `kpi audit` first"):
        publish(company.settings)


def test_an_audit_does_not_count_for_the_build_after_it(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.build(FEBRUARY, {"orders": months(5, 6), "visits": months(9, 8)})

    with pytest.raises(PipelineError, match="The last build has not been audited"):
        publish(company.settings)


def test_a_partial_build_is_not_published(company: Any) -> None:
    company.build(JANUARY, {"orders": months(5)}, is_partial=True)
    company.judge()

    with pytest.raises(PipelineError, match=r"The last build was a partial one .* would drop all other KPIs"):
        publish(company.settings)
    assert current_release(company.settings) is None


def test_another_runs_build_is_neither_audited_nor_published(company: Any) -> None:
    company.build(JANUARY, {"orders": months(5), "visits": months(9)}, run="newer")
    company.judge()

    for verb in (audit, publish):
        with pytest.raises(PipelineError, match=r"Run newer has built since run older did\. Start run older again"):
            verb(company.settings, "older")


def test_what_failed_to_publish_leaves_the_old_release_in_force(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    company.build(FEBRUARY, {"orders": months(5, 6), "visits": months(9, 8)})
    company.judge()

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kpi_pipeline.release.publish.write_manifest", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(company.settings)
    monkeypatch.undo()

    assert [release.name for release in list_releases(company.settings)] == [first.name]
    unfinished = list((company.settings.published / "releases").glob(".building-*"))
    assert len(unfinished) == 1
    second = publish(company.settings)
    assert current_release(company.settings) == second
    assert not unfinished[0].exists()


# --- releases ---


def test_the_oldest_releases_are_removed_beyond_the_number_to_keep(new_nights: Callable[..., Any]) -> None:
    nights = new_nights(grains="month", keep_releases=2)
    nights.declare("orders", kind="sum", unit="count")
    names = [nights.night(f"2024-01-1{day}", {"orders": months(5)}).name for day in range(3)]

    assert [release.name for release in list_releases(nights.settings)] == names[:0:-1]


def test_rollback_goes_one_release_back_and_the_removed_one_is_never_the_current(
    new_nights: Callable[..., Any],
) -> None:
    nights = new_nights(grains="month", keep_releases=2)
    nights.declare("orders", kind="sum", unit="count")
    names = [nights.night(f"2024-01-1{day}", {"orders": months(day)}).name for day in range(2)]
    back = rollback(nights.settings)

    assert back.name == names[0]
    assert nights.published("select kpi_value from kpi_values") == [(0.0,)]
    assert [release.is_current for release in list_releases(nights.settings)] == [False, True]
    third = nights.night("2024-01-12", {"orders": months(9)})
    assert current_release(nights.settings) == third
    assert third.path.exists()


def test_rollback_to_a_name_goes_there_and_forward_again(company: Any) -> None:
    parts = {"orders": months(5), "visits": months(9)}
    names = [company.night(f"2024-01-1{day}", parts).name for day in range(3)]

    for name in (names[0], names[2], names[1]):
        assert rollback(company.settings, name).name == name
        assert company.settings.current.resolve().name == name


def test_rollback_to_what_is_not_there_names_what_is(company: Any) -> None:
    with pytest.raises(ConfigurationError, match="There is no earlier release to go back to; releases on disk: none"):
        rollback(company.settings)
    name = company.night(JANUARY, {"orders": months(5), "visits": months(9)}).name

    with pytest.raises(ConfigurationError, match=f"There is no release yesterday; releases on disk: {name}"):
        rollback(company.settings, "yesterday")
    with pytest.raises(ConfigurationError, match="There is no earlier release to go back to"):
        rollback(company.settings)


def test_a_reader_that_holds_the_old_release_open_keeps_reading_it(company: Any) -> None:
    company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    with duckdb.connect(str(company.settings.current / "kpi.duckdb"), read_only=True) as reader:
        sql = "select kpi, kpi_value from kpi_values order by kpi"
        before = reader.execute(sql).fetchall()
        company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)})

        assert reader.execute(sql).fetchall() == before == [("orders", 5.0), ("visits", 9.0)]
    assert len(company.published(sql)) == 4


def test_a_release_is_never_changed_by_the_next(company: Any) -> None:
    first = company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    company.night(FEBRUARY, {"orders": months(6, 7), "visits": months(9, 8)}, held={"visits": "wrong"})

    assert {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()} == before
    assert len(before) == 2 + 2 * len(TABLES)


def test_a_release_without_manifest_is_a_sentence_that_says_what_to_remove(company: Any) -> None:
    release = company.night(JANUARY, {"orders": months(5), "visits": months(9)})
    (release.path / "manifest.json").unlink()

    with pytest.raises(PipelineError, match=r"has no readable manifest.json. Remove the folder"):
        list_releases(company.settings)


def test_before_the_first_release_there_is_none(company: Any) -> None:
    assert current_release(company.settings) is None
    assert list_releases(company.settings) == []
    assert held(company.settings) == {}
