"""When a night runs and which day it takes into account, for whatever scheduler calls the verbs."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo


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


def held_sentence(reasons: dict[str, str]) -> str:
    """What a red night says: each KPI or export that is held back, and why."""
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
