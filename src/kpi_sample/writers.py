"""How the company is written: each entity in one of the formats that the pipeline reads, under its own column names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.warehouse.connection import literal, quoted


@dataclass(frozen=True)
class Form:
    """How one entity is written."""

    format: Literal["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"]
    by_month: str | None = None
    """Column by whose month the entity is split into files."""
    is_dated: bool = False
    """Whether the day of the export stands in the name, as in a snapshot's."""


FORMS: dict[str, Form] = {
    "web_events": Form("parquet", by_month="event_at"),
    "search_performance": Form("parquet"),
    "ad_performance": Form("csv"),
    "backlinks": Form("jsonl"),
    "site_ranks": Form("csv"),
    "social_profile_days": Form("csv.gz"),
    "social_posts": Form("jsonl.gz"),
    "social_messages": Form("jsonl"),
    "brand_mentions": Form("csv"),
    "email_events": Form("parquet", by_month="event_at"),
    "email_subscribers": Form("csv"),
    "leads": Form("jsonl"),
    "opportunities": Form("csv"),
    "opportunity_stage_changes": Form("csv.gz"),
    "activities": Form("parquet"),
    "customers": Form("csv"),
    "orders": Form("csv", by_month="ordered_at"),
    "order_lines": Form("csv.gz"),
    "subscriptions": Form("csv"),
    "contracts": Form("jsonl"),
    "sales_reps": Form("csv"),
    "sales_targets": Form("csv"),
    # as CSV this name belongs to another tool's layout
    "campaigns": Form("jsonl"),
    "marketing_spend": Form("csv"),
    "tickets": Form("jsonl.gz"),
    "survey_responses": Form("csv"),
    "employees": Form("csv", is_dated=True),
    "performance_reviews": Form("csv"),
    "work_logs": Form("parquet"),
    "projects": Form("csv"),
    "project_costs": Form("csv"),
    "tasks": Form("jsonl"),
    "scope_changes": Form("csv"),
}
"""Every format that the pipeline reads is used by somebody."""

_COPY = {
    "csv": "format csv, header",
    "csv.gz": "format csv, header, compression gzip",
    "jsonl": "format json",
    "jsonl.gz": "format json, compression gzip",
    "parquet": "format parquet, compression zstd",
}


def write_entity(
    connection: duckdb.DuckDBPyConnection, entity: Entity, to: Path, as_of: dt.date, rows: str = "true"
) -> Iterator[Path]:
    """Write one table below `to`, in the order of its key; yields each file, relative to `to`, once it is complete.

    Moments are written in UTC and say so, so that KPI_TIMEZONE does not move them.

    Args:
        connection: the company.
        entity: which table.
        to: a folder.
        as_of: the day that a dated name carries.
        rows: which of its rows, as an SQL condition.
    """
    form = FORMS.get(entity.name, Form("csv"))
    folder = to / entity.system
    folder.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(_written(entity, form))
    for suffix, only in _parts(connection, entity, form, as_of, rows):
        path = folder / f"{entity.name}{suffix}.{form.format}"
        # in order of time where there is one, as a tool would export it; the other columns settle every tie
        first = [form.by_month] if form.by_month else []
        order = ", ".join(quoted(name) for name in [*first, *entity.key])
        connection.execute(
            f"copy (select {columns} from {entity.name} as rows where {only} order by {order}, rows) "
            f"to {literal(str(path))} ({_COPY[form.format]})"
        )
        yield path.relative_to(to)


def _written(entity: Entity, form: Form) -> Iterator[str]:
    for column in entity.columns:
        name = quoted(column.name)
        if column.data_type != "timestamp":
            yield name
        elif form.format == "parquet":
            yield f"timezone('UTC', {name}) as {name}"
        else:
            yield f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}"


def _parts(
    connection: duckdb.DuckDBPyConnection, entity: Entity, form: Form, as_of: dt.date, rows: str
) -> Iterator[tuple[str, str]]:
    """What comes after the entity in a file's name, and which rows the file has."""
    if form.is_dated:
        yield f"_{as_of}", rows
    elif form.by_month is None:
        yield "", rows
    else:
        moment = quoted(form.by_month)
        months = connection.execute(
            f"select distinct cast(date_trunc('month', {moment}) as date) as month "
            f"from {entity.name} where {rows} order by month"
        ).fetchall()
        for (month,) in months:
            yield (
                f"_{month:%Y-%m}",
                f"({rows}) and {moment} >= date '{month}' and {moment} < date '{month}' + interval 1 month",
            )
