"""From the parts that a KPI model returns to the values that would be published: added once, for all KPIs.

Division, period ends, completeness, dense totals, the window of daily members, and the suppression of small groups.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from kpi_pipeline.contracts.kpi import ROLE_DIMENSIONS, Kpi
from kpi_pipeline.contracts.lineage import Lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import literal


@dataclass(frozen=True)
class Candidate:
    """What was written for a KPI."""

    row_count: int
    suppressed_count: int
    data_through: dt.date | None


def write_candidate(connection: duckdb.DuckDBPyConnection, settings: Settings, kpi: Kpi, lineage: Lineage) -> Candidate:
    """Write ``candidate.<kpi>``, the rows that would be published, and the KPI's rows of ``candidate_cut.<kpi>``.

    The latter hold the totals of periods cut to the length of the running one, for the scorecard's comparison.

    Raises:
        duckdb.Error: the model's result does not have the six columns of the contract, or `dated_by` does not exist.
    """
    entity, column = lineage.day_of(kpi.dated_by)
    found = connection.execute(
        f"select min({column}), max({column}) from entities.{entity} where {column} <= (select as_of from settings.run)"
    ).fetchone()
    first_day, data_through = found if found else (None, None)
    last_day = "run.as_of" if kpi.of_kind.runs_on else "span.last_day"
    span = f"select {_date(first_day)} as first_day, {_date(data_through)} as last_day"
    # nothing counted is none, nothing to compute from is unknown
    nothing = "case when shape.has_denominator then 0 end" if kpi.of_kind.is_empty_without_rows else "0"
    connection.execute(
        f"""
        create or replace temp table candidate_parts as
        with span as ({span}),
        parts as (
            select
                period_grain, period_start, dimension, member,
                cast(numerator as double) as numerator, cast(denominator as double) as denominator
            from kpi.{kpi.name}
        ),
        shape as (select coalesce(bool_or(denominator is not null), false) as has_denominator from parts),
        covered as (
            select periods.*, run.as_of
            from entities.periods as periods, settings.run as run, span
            where periods.measured_on >= span.first_day and (periods.is_cut or periods.period_start <= {last_day})
        ),
        totals as (
            select
                covered.*, 'all' as dimension, 'all' as member,
                coalesce(parts.numerator, {nothing}) as numerator,
                case when shape.has_denominator then coalesce(parts.denominator, 0) end as denominator
            from covered
            cross join shape
            left join parts
                on covered.period_grain = parts.period_grain and covered.period_start = parts.period_start
                and parts.dimension = 'all'
        ),
        members as (
            select covered.*, parts.dimension, parts.member, parts.numerator, parts.denominator
            from covered
            inner join parts
                on covered.period_grain = parts.period_grain and covered.period_start = parts.period_start
            where
                parts.dimension <> 'all' and not covered.is_cut
                and (covered.period_grain not in ('day', 'week')
                     or covered.period_end > covered.as_of - {settings.member_days})
        ),
        everything as (select * from totals union all select * from members)
        select
            period_grain, cast(period_start as date) as period_start, cast(period_end as date) as period_end,
            is_complete, is_cut, dimension, member, numerator, denominator,
            case
                when not shape.has_denominator then numerator
                when denominator <> 0 then numerator / denominator
            end as kpi_value,
            as_of
        from everything, shape
        """
    )
    connection.execute(
        f"""
        create or replace temp table candidate_rows as
        select *, {_is_suppressed(kpi, settings)} as is_suppressed from candidate_parts where not is_cut
        """
    )
    connection.execute(
        f"""
        create or replace table candidate.{kpi.name} as
        select
            {literal(kpi.name)} as kpi, period_grain, period_start, period_end, is_complete, dimension, member,
            numerator, denominator, kpi_value, {kpi.version} as definition_version, as_of, false as is_stale
        from candidate_rows
        where not is_suppressed
        order by period_grain, period_start, dimension, member
        """
    )
    connection.execute("create schema if not exists candidate_cut")
    connection.execute(
        f"""
        create or replace table candidate_cut.{kpi.name} as
        select {literal(kpi.name)} as kpi, period_grain, period_start, kpi_value from candidate_parts where is_cut
        """
    )
    counted = connection.execute(
        "select count(*) filter (where not is_suppressed), count(*) filter (where is_suppressed) from candidate_rows"
    ).fetchone()
    assert counted is not None
    return Candidate(counted[0], counted[1], data_through)


def _date(day: dt.date | None) -> str:
    return f"date '{day}'" if day else "cast(null as date)"


def _is_suppressed(kpi: Kpi, settings: Settings) -> str:
    """Whether a row would tell about single employees.

    A group below the minimum size is left out; and where that leaves exactly one group out of a period, the smallest
    of the others too, because the total minus the rest would give the one away. An empty group hides nobody; one of
    unknown size is taken for a small one.
    """
    if not kpi.is_suppressible:
        return "false"
    roles = ", ".join(literal(name) for name in ("all", *sorted(ROLE_DIMENSIONS)))
    is_small = f"(dimension not in ({roles}) and coalesce(denominator < {settings.minimum_group_size}, true))"
    has_people = "coalesce(denominator > 0, true)"
    groups = "partition by period_grain, period_start, dimension"
    return f"""(
        {is_small}
        or (
            dimension not in ({roles})
            and count(*) filter (where {is_small} and {has_people}) over ({groups}) = 1
            and row_number() over ({groups} order by {is_small}, denominator, member) = 1
        )
    )"""
