"""Build: one dbt build computes every KPI, then its parts become the values that would be published.

dbt runs in a process of its own, because it keeps the warehouse's lock until its process ends. One `dbt run` for all
models, never one per model; what became of each is read back from ``run_results.json``.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from kpi_pipeline.build.candidates import write_candidate
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import ConfigurationError, PipelineError, first_line
from kpi_pipeline.ingest.ingest import create_raw_tables
from kpi_pipeline.warehouse.calendar import write_calendar
from kpi_pipeline.warehouse.connection import connect, insert, locked

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KpiBuild:
    """What the build made of one KPI."""

    kpi: str
    status: str
    """built, no_data (its inputs never had a row), or failed"""
    reason: str
    row_count: int
    suppressed_count: int
    data_through: dt.date | None


def build(
    settings: Settings, as_of: dt.date | None = None, select: Sequence[str] = (), run: str | None = None
) -> list[KpiBuild]:
    """Compute the KPIs as of the end of `as_of` (yesterday, where none is given).

    Args:
        settings: the company's settings.
        as_of: last business day to take into account.
        select: names of KPIs to compute, with what they are made of; all where empty. A partial build can be looked
            at and audited, but not published.
        run: name of the run, under which `kpi_runs` remembers it; the moment, where none is given.

    Returns:
        One entry per KPI that was to be computed. A KPI whose SQL fails is reported there, the others go on.

    Raises:
        ConfigurationError: a KPI contract, a target or an export declaration is wrong.
        PipelineError: dbt itself could not run.
    """
    as_of = as_of or settings.yesterday()
    _check_day(settings, as_of)
    kpis = read_registry(settings.kpi_models)
    read_targets(settings.kpi_models, kpis)
    entities = read_entities(settings.dbt_project, settings.layout_folders)
    if unknown := sorted(set(select) - {kpi.name for kpi in kpis}):
        raise ConfigurationError(f"There is no KPI called {', '.join(unknown)}. `kpi list` names them all.")
    wanted = [kpi for kpi in kpis if not select or kpi.name in select]
    with locked(settings) as lock:
        with connect(settings) as connection:
            create_raw_tables(connection, entities)
            write_run_settings(connection, settings, as_of, run or new_run_name(), is_partial=bool(select))
            # what was judged before is not what is built now
            connection.execute("create schema if not exists audit; drop table if exists audit.verdicts")
        log.info("dbt builds %s KPIs as of %s", len(wanted), as_of)
        failures = _run_dbt(settings, [f"+{name}" for name in select], lock)
        with connect(settings) as connection:
            connection.execute("drop schema if exists candidate cascade; create schema candidate")
            lineage = read_lineage(settings.dbt_target)
            builds = [_finish(connection, settings, kpi, lineage, failures.get(kpi.name, "")) for kpi in wanted]
            _record(connection, builds)
    failed = [result for result in builds if result.status == "failed"]
    for result in failed:
        log.warning("%s: %s", result.kpi, result.reason)
    log.info("%s KPIs built, %s failed", len(builds) - len(failed), len(failed))
    return builds


def _check_day(settings: Settings, as_of: dt.date) -> None:
    if not settings.calendar_start <= as_of <= settings.calendar_end:
        raise ConfigurationError(
            f"as_of {as_of} is outside the calendar, {settings.calendar_start} to {settings.calendar_end}: "
            "give another day, or set KPI_CALENDAR_START and KPI_CALENDAR_END."
        )
    today = dt.datetime.now(settings.zone).date()
    if as_of > today:
        raise ConfigurationError(f"as_of {as_of} has not been yet: it is {today} in {settings.timezone}.")


def new_run_name() -> str:
    """The name of a run that nobody named: its moment, in UTC."""
    return dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def write_run_settings(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: dt.date, run: str, *, is_partial: bool
) -> None:
    """Hand the settings to the SQL: as tables, because changed dbt variables would force a new parse every night."""
    last_complete_year = as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1
    connection.execute("create schema if not exists settings")
    connection.execute(
        """
        create or replace table settings.run as
        select
            ?::text as run, ?::date as as_of, ?::boolean as is_partial, ?::integer as member_limit,
            ?::date as ranked_before, ?::integer as purchase_activity_days, ?::integer as popular_products,
            ?::double as satisfied_share, ?::integer as repeat_issue_days, ?::integer as hire_success_months,
            ?::integer as lead_history_months, ?::integer as minimum_group_size
        """,
        [
            run, as_of, is_partial, settings.member_limit,
            dt.date(last_complete_year + 1, 1, 1), settings.purchase_activity_days, settings.popular_products,
            settings.satisfied_share, settings.repeat_issue_days, settings.hire_success_months,
            settings.lead_history_months, settings.minimum_group_size,
        ],
    )  # fmt: skip
    for table, column, values in (
        ("grains", "period_grain", settings.grains),
        ("conversion_events", "event_name", settings.conversion_events),
        ("brand_terms", "brand_term", settings.brand_terms),
        ("campaign_spend_categories", "category", settings.campaign_spend_categories),
    ):
        connection.execute(
            f"create or replace table settings.{table} as select unnest(?::text[]) as {column}", [list(values)]
        )
    write_calendar(connection, settings)


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment in which dbt runs: the settings that its profile and macros read."""
    return {
        **os.environ,
        "KPI_WAREHOUSE": str(settings.warehouse),
        "KPI_MEMORY_LIMIT": settings.memory_limit,
        "KPI_THREADS": str(settings.threads),
        "KPI_SCRATCH": str(settings.home / "scratch"),
        "KPI_TIMEZONE": settings.timezone,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def dbt_command(settings: Settings, verb: str, *arguments: str) -> list[str]:
    """The command line that runs a verb of dbt on this project, its products under KPI_HOME."""
    return [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", verb,
        "--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(settings.dbt_target), "--log-path", str(settings.home / "dbt" / "logs"),
        *arguments,
    ]  # fmt: skip


def _run_dbt(settings: Settings, select: Sequence[str], lock: int) -> dict[str, str]:
    """Run every model; returns the models that failed or were skipped, each with a sentence why.

    dbt holds the lock too: if this process is killed, no other run begins before dbt has ended.
    """
    results_path = settings.dbt_target / "run_results.json"
    results_path.unlink(missing_ok=True)
    command = dbt_command(settings, "run", *(["--select", *select] if select else []))
    done = subprocess.run(
        command, env=dbt_environment(settings), pass_fds=(lock,), capture_output=True, text=True, check=False
    )
    if not results_path.exists():
        raise PipelineError(f"dbt could not run. Its last words:\n{_last_lines(done.stdout + done.stderr)}")
    results = json.loads(results_path.read_text(encoding="utf-8"))["results"]
    broken = {result["unique_id"]: result for result in results if result["status"] not in ("success", "no-op", "warn")}
    return {node.rsplit(".", 1)[-1]: _why(node, result, broken) for node, result in broken.items()}


def _why(node: str, result: dict[str, Any], broken: dict[str, dict[str, Any]]) -> str:
    message = " ".join(str(result.get("message") or "").split())
    if result["status"] != "skipped":
        return f"its SQL failed: {message}"
    culprits = ", ".join(sorted(other.rsplit(".", 1)[-1] for other in broken if broken[other]["status"] != "skipped"))
    return f"it was not computed because {culprits} failed"


def _last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:])


def _finish(
    connection: duckdb.DuckDBPyConnection, settings: Settings, kpi: Kpi, lineage: Lineage, failure: str
) -> KpiBuild:
    if failure:
        return KpiBuild(kpi.name, "failed", failure, 0, 0, None)
    try:
        written = write_candidate(connection, settings, kpi, lineage)
    except (duckdb.Error, ConfigurationError) as error:
        sentence = f"its result is no KPI: {first_line(error)}"
        return KpiBuild(kpi.name, "failed", sentence, 0, 0, None)
    status = "built" if written.row_count else "no_data"
    reason = "" if written.row_count else "its inputs have no rows yet"
    return KpiBuild(kpi.name, status, reason, written.row_count, written.suppressed_count, written.data_through)


def _record(connection: duckdb.DuckDBPyConnection, builds: Sequence[KpiBuild]) -> None:
    connection.execute(
        """
        create schema if not exists audit;
        create or replace table audit.builds (
            kpi text, status text, reason text, row_count bigint, suppressed_count bigint, data_through date
        )
        """
    )
    insert(
        connection,
        "audit.builds",
        [(b.kpi, b.status, b.reason, b.row_count, b.suppressed_count, b.data_through) for b in builds],
    )
