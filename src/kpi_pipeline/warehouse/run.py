"""The run in progress: one row of the warehouse that says whose it is, so that no verb goes on with another's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.warehouse.calendar import write_calendar


@dataclass(frozen=True)
class Run:
    """What the last build computed, or is computing."""

    name: str
    as_of: dt.date
    is_partial: bool
    """Whether only some KPIs were asked for: it can be looked at, and not published."""


def new_run_name() -> str:
    """The name of a run that nobody named: its moment, in UTC."""
    return dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def begin_run(connection: duckdb.DuckDBPyConnection, settings: Settings, run: Run) -> None:
    """Write the schema ``settings``: the run, the company's choices and the calendar, as the SQL is told them.

    As tables, because dbt variables that change would force a new parse every night.
    """
    last_complete_year = run.as_of.year if (run.as_of.month, run.as_of.day) == (12, 31) else run.as_of.year - 1
    columns: dict[str, tuple[str, object]] = {
        "run": ("text", run.name),
        "as_of": ("date", run.as_of),
        "is_partial": ("boolean", run.is_partial),
        "ranked_before": ("date", dt.date(last_complete_year + 1, 1, 1)),
        **settings.values(),
    }
    selected = ", ".join(f"?::{kind} as {name}" for name, (kind, _) in columns.items())
    connection.execute("create schema if not exists settings")
    connection.execute(
        f"create or replace table settings.run as select {selected}", [value for _, value in columns.values()]
    )
    for table, (column, words) in {"grains": ("period_grain", settings.grains), **settings.lists()}.items():
        connection.execute(
            f"create or replace table settings.{table} as select unnest(?::text[]) as {column}", [list(words)]
        )
    connection.execute("create table if not exists settings.spellings (kind text, written text, shown text)")
    write_calendar(connection, settings)


def read_run(connection: duckdb.DuckDBPyConnection, expected: str | None = None, database: str = "") -> Run:
    """The run that has built, from the warehouse of `connection`, or from that attached as `database`.

    Args:
        connection: on the warehouse, or one that has it attached.
        expected: the run that must have built it; any, where none is given.
        database: the name under which the warehouse is attached.

    Raises:
        PipelineError: nothing has been built yet, or it is another run's than `expected`.
    """
    try:
        table = f"{database}.settings.run" if database else "settings.run"
        found = connection.execute(f"select run, as_of, is_partial from {table}").fetchone()
    except duckdb.CatalogException:
        found = None
    if found is None:
        raise PipelineError("Nothing has been built yet. Run `kpi build` first, or `kpi run` for the whole night.")
    run = Run(*found)
    if expected is not None and run.name != expected:
        raise PipelineError(
            f"Run {run.name} has built since run {expected} did. Start run {expected} again from its build."
        )
    return run
