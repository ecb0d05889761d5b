"""Publish: what passed replaces, what failed keeps its last good rows and says so.

A release is written to a folder of its own and only then becomes ``current``. Nothing of an older release is changed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb

from kpi_pipeline import __version__
from kpi_pipeline.contracts.kpi import read_registry
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.release.assemble import write_tables
from kpi_pipeline.release.files import write_manifest, write_tables_as_files
from kpi_pipeline.release.store import (
    Release,
    begin_release,
    current_release,
    finish_release,
    remove_old_releases,
)
from kpi_pipeline.release.tables import open_before
from kpi_pipeline.warehouse.connection import literal, locked, options
from kpi_pipeline.warehouse.run import Run, read_run

log = logging.getLogger(__name__)


def publish(settings: Settings, run: str | None = None) -> Release:
    """Publish what the last audit let pass, as a new release.

    Args:
        settings: the company's settings.
        run: the run that must have built it; any, where none is given.

    Returns:
        The new release, with what is held and why.

    Raises:
        PipelineError: there is no audited, whole build to publish, or it is another run's.
    """
    if not settings.warehouse.exists():
        raise PipelineError(f"There is no warehouse at {settings.warehouse}. Run `kpi run` first.")
    with locked(settings):
        previous = current_release(settings)
        kpis = read_registry(settings.kpi_models)
        now = dt.datetime.now(dt.UTC)
        work = begin_release(settings, now)
        with _release_database(settings, work, previous) as connection:
            built = _audited_run(connection, run)
            name = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z_{built.as_of}"
            held = write_tables(connection, settings, kpis, built, name)
            counts = write_tables_as_files(connection, work)
        write_manifest(
            work,
            {
                "release": name,
                "as_of": built.as_of.isoformat(),
                "run": built.name,
                "published_at": now.isoformat(timespec="seconds"),
                "pipeline_version": __version__,
                "rows": counts,
                "held": held,
            },
        )
        release = finish_release(settings, work, name)
        for old in remove_old_releases(settings):
            log.info("release %s removed, KPI_KEEP_RELEASES is %s", old, settings.keep_releases)
    log.info("release %s published, %s held", release.name, len(release.held))
    return release


@contextlib.contextmanager
def _release_database(settings: Settings, work: Path, previous: Release | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The new ``kpi.duckdb``, with the warehouse attached as ``warehouse`` and the release before as ``before``."""
    connection = duckdb.connect(str(work / "kpi.duckdb"), config=options(settings))
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
        open_before(connection, previous.path if previous else None)
        yield connection
    finally:
        connection.close()


def _audited_run(connection: duckdb.DuckDBPyConnection, expected: str | None) -> Run:
    """The run to publish: audited, and a whole one."""
    run = read_run(connection, expected, "warehouse")
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'warehouse' and schema_name = 'audit' "
        "and table_name = 'verdicts'"
    ).fetchone()
    if not found or not found[0]:
        raise PipelineError("The last build has not been audited. Run `kpi audit` first, or `kpi run`.")
    if run.is_partial:
        raise PipelineError(
            "The last build was a partial one (--select): publishing it would drop all other KPIs. Run `kpi build`."
        )
    return run
