"""What every scheduler needs: the day that a night belongs to, the days of a backfill, what a red night says."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError


def as_of(
    given: str | None,
    *,
    run_type: str,
    data_interval_end: dt.datetime | None,
    logical_date: dt.datetime | None,
    zone: ZoneInfo,
) -> dt.date:
    """The last business day that a run takes into account: the day given, else the day before the run.

    A scheduled run belongs to the end of its data interval, whenever it really starts: a night that runs late, or on
    Monday for a schedule without weekends, still counts every day up to the one before. A run by hand belongs to its
    logical date, or to this moment where it has none.

    Args:
        given: The run's ``as_of`` parameter, an ISO date.
        run_type: Airflow's: ``scheduled``, ``backfill``, ``manual`` ...
        data_interval_end: When a scheduled run is due.
        logical_date: When a run by hand was asked for.
        zone: The time zone of the business day.

    Raises:
        ValueError: when `given` is not an ISO date.
    """
    if given:
        return dt.date.fromisoformat(given)
    moment = logical_date if run_type == "manual" else data_interval_end
    return (moment or dt.datetime.now(zone)).astimezone(zone).date() - dt.timedelta(days=1)


def task_defaults(settings: Settings) -> dict[str, Any]:
    """What every task of ours has, unless it says otherwise: the pool of one slot, and patience.

    A file that is still being copied, or a warehouse that someone holds open, is often fine some minutes later: 2, 4, 8
    minutes. What is never fine later, a wrong setting, is for the DAG to say, in Airflow's words.
    """
    return {
        "pool": "warehouse",
        "retries": settings.retries,
        "retry_delay": dt.timedelta(minutes=2),
        "retry_exponential_backoff": True,
    }


def red_sentence(settings: Settings) -> str:
    """What a red night says of the current release: what is held back, and why, or that it has no number."""
    from kpi_pipeline.release.store import current_release, held  # DuckDB: too heavy for the parse of a DAG file

    reasons = held(settings)
    release = current_release(settings)
    if release and not reasons and not release.manifest["rows"]["kpi_values"]:
        return (
            f"Published without a number: no KPI has anything to count in {settings.exports}. "
            "kpi ingest says what became of each file there."
        )
    return held_sentence(reasons)


def held_sentence(reasons: dict[str, str]) -> str:
    """`reasons`, by what is held back, as one sentence; nothing where nothing is."""
    if not reasons:
        return ""
    listed = "\n".join(f"  {subject}: {reason}" for subject, reason in reasons.items())
    return f"Published, but {len(reasons)} held back; the last good rows stay, marked stale:\n{listed}"


def as_of_of(context: Any, zone: ZoneInfo) -> dt.date:
    """`as_of` for an Airflow task's context (a mapping; this module does not import Airflow)."""
    return as_of(
        context["params"]["as_of"],
        run_type=str(context["dag_run"].run_type),
        data_interval_end=context.get("data_interval_end"),
        logical_date=context.get("logical_date"),
        zone=zone,
    )


def backfill_days(settings: Settings, start: dt.date, end: dt.date) -> list[dt.date]:
    """The days from `start` to `end`, oldest first; and the day of the newest release at the end, if it is later.

    Without that, a backfill of an old range, or one that was cut off and started again, would leave BI tools looking
    at an old day.

    Raises:
        ConfigurationError: `end` is before `start`.
    """
    from kpi_pipeline.release.store import list_releases  # DuckDB: too heavy for the parse of a DAG file

    if end < start:
        raise ConfigurationError(f"The range ends on {end}, before it starts on {start}.")
    days = [start + dt.timedelta(days=number) for number in range((end - start).days + 1)]
    newest = max((release.as_of for release in list_releases(settings)), default=end)
    return [*days, newest] if newest > end else days
