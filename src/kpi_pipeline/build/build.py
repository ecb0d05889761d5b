"""Build: one dbt run computes every KPI, then its parts become the values that would be published.

One `dbt run` for all models, never one per model; what became of each is read back from ``run_results.json``.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from kpi_pipeline.build.candidates import Candidate, write_candidates
from kpi_pipeline.build.dbt import run_models
from kpi_pipeline.build.spellings import write_spellings
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import connect, locked
from kpi_pipeline.warehouse.run import Run, begin_run, new_run_name
from kpi_pipeline.warehouse.schema import create_raw_tables, create_tables, insert_rows

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
            begin_run(connection, settings, Run(run or new_run_name(), as_of, is_partial=bool(select)))
            write_spellings(connection, entities)
            # what was judged before is not what is built now
            connection.execute("drop table if exists audit.verdicts")
        log.info("dbt builds %s KPIs as of %s", len(wanted), as_of)
        failures = run_models(settings, [f"+{name}" for name in select], lock)
        with connect(settings) as connection:
            builds = write_builds(connection, settings, wanted, read_lineage(settings.dbt_target), failures)
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


def write_builds(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    kpis: Sequence[Kpi],
    lineage: Lineage,
    failures: Mapping[str, str],
) -> list[KpiBuild]:
    """Write the candidates of `kpis` and ``audit.builds``; `failures` are the models that dbt could not run."""
    written = write_candidates(connection, settings, [kpi for kpi in kpis if kpi.name not in failures], lineage)
    builds = [_build_of(kpi.name, failures.get(kpi.name) or written[kpi.name]) for kpi in kpis]
    create_tables(connection, "audit.builds", anew=True)
    insert_rows(connection, "audit.builds", builds)
    return builds


def _build_of(kpi: str, made: Candidate | str) -> KpiBuild:
    if isinstance(made, str):
        return KpiBuild(kpi, "failed", made, 0, 0, None)
    status, reason = ("built", "") if made.row_count else ("no_data", "its inputs have no rows yet")
    return KpiBuild(kpi, status, reason, made.row_count, made.suppressed_count, made.data_through)
