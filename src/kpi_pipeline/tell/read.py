"""Reading what is published, as any BI tool would: from the current release, never from the warehouse."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from kpi_pipeline.contracts.kind import kinds_where
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.release.store import Release, current_release
from kpi_pipeline.warehouse.connection import literal, rows

COVERED_WITHIN_DAYS = 2
"""A period counts as covered when its data reach to this many days before its end: a quiet last day is no gap."""


@contextlib.contextmanager
def open_current(settings: Settings) -> Iterator[tuple[Release, duckdb.DuckDBPyConnection]]:
    """The current release and a read-only connection to its tables.

    Raises:
        PipelineError: nothing is published yet.
    """
    release = current_release(settings)
    if release is None:
        raise PipelineError(f"Nothing is published in {settings.published} yet. Run `kpi run`, or `make run`.")
    connection = duckdb.connect(str(release.path / "kpi.duckdb"), read_only=True)
    try:
        yield release, connection
    finally:
        connection.close()


@dataclass(frozen=True)
class ScorecardLine:
    """One KPI at its own cadence: the last complete period that its data cover."""

    kpi: str
    domain: str
    title: str
    unit: str
    currency: str | None
    good: str
    verdict: str
    period_grain: str
    period_start: dt.date | None
    kpi_value: float | None
    change: float | None
    target: float | None
    status: str
    status_reason: str
    streak: int | None


def read_scorecard(connection: duckdb.DuckDBPyConnection) -> list[ScorecardLine]:
    """A line per KPI of the catalogue, by domain and name; values are empty where nothing is published.

    A KPI whose last day is over has no line.
    """
    running_on = ", ".join(literal(kind) for kind in kinds_where(lambda kind: kind.runs_on))
    found = rows(
        connection,
        f"""
        with last_run as (
            select * from kpi_runs qualify row_number() over (partition by kpi order by as_of desc) = 1
        ),
        lines as (
            select
                kpi_catalog.kpi, domain, title_en as title, unit, currency, good,
                coalesce(last_run.verdict, 'held') as verdict, cadence as period_grain,
                period_start, kpi_scorecard.kpi_value, change, target, status, status_reason, streak,
                period_end <= case when kind in ({running_on}) then kpi_scorecard.as_of
                    else data_through + {COVERED_WITHIN_DAYS} end as is_covered
            from kpi_catalog
            left join last_run on kpi_catalog.kpi = last_run.kpi
            left join kpi_scorecard
                on kpi_catalog.kpi = kpi_scorecard.kpi and kpi_catalog.cadence = kpi_scorecard.period_grain
                and kpi_scorecard.is_complete
        )
        select * exclude (is_covered) from lines
        qualify row_number() over (
            partition by kpi order by coalesce(is_covered, false) desc, period_start desc nulls last
        ) = 1
        order by domain, kpi
        """,
    )
    ended = _ended(connection)
    return [ScorecardLine(**{**row, "status": row["status"] or "no_data", "status_reason": row["status_reason"] or ""})
            for row in found if row["kpi"] not in ended]  # fmt: skip


def _ended(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The KPIs whose last day is over; none in a release of a version that knew no end of a KPI."""
    [[as_of]] = connection.execute("select max(as_of) from kpi_runs").fetchall()
    return {entry["kpi"] for entry in read_catalog(connection) if (entry.get("retired_on") or dt.date.max) < as_of}


def read_left_alone(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The files that nobody read in the release's own night, and why."""
    found = connection.execute(
        "select subject, observed from kpi_audits where subject like 'file:%' "
        "and run = (select run from kpi_runs order by as_of desc limit 1) order by subject"
    ).fetchall()
    return {subject.removeprefix("file:"): observed for subject, observed in found}


def read_catalog(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The catalogue, by domain and name."""
    return rows(connection, "select * from kpi_catalog order by domain, kpi")


def read_catalog_entry(connection: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, Any]:
    """The catalogue row of `kpi`.

    Raises:
        ConfigurationError: there is no such KPI in the release; the nearest name is suggested.
    """
    import difflib

    found = rows(connection, "select * from kpi_catalog where kpi = ?", [kpi])
    if not found:
        names = [row[0] for row in connection.execute("select kpi from kpi_catalog").fetchall()]
        near = difflib.get_close_matches(kpi, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`kpi list` names them all."
        raise ConfigurationError(f"There is no KPI called {kpi} in this release. {hint}")
    return found[0]


def read_periods(connection: duckdb.DuckDBPyConnection, kpi: str, grain: str, last: int) -> list[dict[str, Any]]:
    """The last `last` rows of the scorecard of `kpi` at `grain`, oldest first."""
    return rows(
        connection,
        """
        select * from (
            select kpi_scorecard.*, kpi_values.numerator, kpi_values.denominator
            from kpi_scorecard
            inner join kpi_values using (kpi, period_grain, period_start)
            where kpi = ? and period_grain = ? and dimension = 'all'
            order by period_start desc limit ?
        ) order by period_start
        """,
        [kpi, grain, last],
    )


def read_last_totals(connection: duckdb.DuckDBPyConnection, grain: str, last: int) -> dict[str, list[dict[str, Any]]]:
    """The last `last` totals of every KPI at `grain`, oldest first, with unit and currency."""
    found = rows(
        connection,
        """
        with totals as (
            select * from kpi_values
            where period_grain = $grain and dimension = 'all'
            qualify row_number() over (partition by kpi order by period_start desc) <= $last
        )
        select totals.*, unit, currency
        from totals
        inner join kpi_catalog on totals.kpi = kpi_catalog.kpi
        order by totals.kpi, period_start
        """,
        {"grain": grain, "last": last},
    )
    return {kpi: list(group) for kpi, group in itertools.groupby(found, key=lambda row: str(row["kpi"]))}


def read_members(
    connection: duckdb.DuckDBPyConnection, kpi: str, grain: str, dimension: str, last: int
) -> list[dict[str, Any]]:
    """The members of `dimension` in the last `last` periods that have any: member, period_start, kpi_value, size."""
    return rows(
        connection,
        """
        with periods as (
            select distinct period_start from kpi_values
            where kpi = $kpi and period_grain = $grain and dimension = $dimension
            order by period_start desc limit $last
        )
        select member, period_start, kpi_value, coalesce(denominator, numerator) as size
        from kpi_values
        where kpi = $kpi and period_grain = $grain and dimension = $dimension
            and period_start in (select period_start from periods)
        order by member, period_start
        """,
        {"kpi": kpi, "grain": grain, "dimension": dimension, "last": last},
    )
