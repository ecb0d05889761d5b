"""From the parts that the KPI models return to the values that would be published: added once, for all KPIs at once.

Division, period ends, completeness, dense totals, the window of daily members, and the suppression of small groups.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from kpi_pipeline.build.suppression import is_suppressed
from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.lineage import Lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.tables import columns_of
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import literal, rows
from kpi_pipeline.warehouse.schema import create_tables

PARTS = ("period_grain", "period_start", "dimension", "member", "numerator", "denominator")
"""The columns that a KPI model returns."""

_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """What was written for a KPI."""

    row_count: int
    suppressed_count: int
    data_through: dt.date | None


def write_candidates(
    connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi], lineage: Lineage
) -> dict[str, Candidate | str]:
    """Write ``candidate.kpi_values`` and ``candidate.cut`` from the models of `kpis`, in one pass.

    Returns:
        For each KPI what was written, or the sentence why nothing was: its model does not return the six columns of
        the contract, or `dated_by` does not exist.
    """
    create_tables(connection, "candidate.kpi_values", "candidate.cut", anew=True)
    columns = columns_there(connection)
    told: dict[str, Candidate | str] = {}
    days: dict[str, tuple[str, str]] = {}
    for kpi in kpis:
        problem = problem_of(columns.get(("kpi", kpi.name), {}))
        try:
            entity, column = lineage.day_of(kpi.dated_by)
            if not problem and column not in columns.get(("entities", entity), {}):
                problem = f"dated_by names {entity}.{column}, which does not exist"
            days[kpi.name] = (entity, column)
        except ConfigurationError as error:
            problem = problem or str(error)
        if problem:
            told[kpi.name] = f"its result is no KPI: {problem}"
    sound = [kpi for kpi in kpis if kpi.name not in told]
    if not sound:
        return told
    spans = _write_facts(connection, sound, days)
    _write_rows(connection, settings, sound)
    counts = {
        row["kpi"]: row
        for row in rows(
            connection,
            "select kpi, count(*) filter (where not is_suppressed) as kept, count(*) filter (where is_suppressed) as "
            "suppressed from candidate_rows where not is_cut group by kpi",
        )
    }
    for kpi in sound:
        count = counts.get(kpi.name, {"kept": 0, "suppressed": 0})
        told[kpi.name] = Candidate(count["kept"], count["suppressed"], spans[days[kpi.name]][1])
    return told


def columns_there(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, str]]:
    """The columns and their types of every KPI model and entity, by schema and name."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('kpi', 'entities')"
    ).fetchall():
        found.setdefault((schema, table), {})[column] = kind
    return found


def problem_of(columns: Mapping[str, str]) -> str:
    """What is wrong with a model that returns `columns`; nothing where it keeps the contract."""
    if missing := [name for name in PARTS if name not in columns]:
        return f"it returns no {', '.join(missing)}; a KPI model returns {', '.join(PARTS)}"
    if no_numbers := [part for part in PARTS[-2:] if not columns[part].startswith(_NUMBERS)]:
        return f"its {' and '.join(no_numbers)} is {columns[no_numbers[0]]}; it must be a number"
    if not columns["period_start"].startswith(("DATE", "TIMESTAMP")):
        return f"its period_start is {columns['period_start']}; it must be a date"
    return ""


Span = tuple[dt.date | None, dt.date | None]
"""First and last day of an input up to as_of; None where it has no row."""


def _write_facts(
    connection: duckdb.DuckDBPyConnection, kpis: Sequence[Kpi], days: Mapping[str, tuple[str, str]]
) -> dict[tuple[str, str], Span]:
    """Write ``candidate_facts``, a row per KPI with what its values depend on; returns the days of each input."""
    asked = sorted({days[kpi.name] for kpi in kpis})
    bounds = " union all ".join(
        f"select {number} as number, min({column}) as first_day, max({column}) as last_day "
        f"from entities.{entity} where {column} <= (select as_of from settings.run)"
        for number, (entity, column) in enumerate(asked)
    )
    found = connection.execute(f"select first_day, last_day from ({bounds}) order by number").fetchall()
    spans: dict[tuple[str, str], Span] = dict(zip(asked, found, strict=True))
    facts = ", ".join(
        f"({literal(kpi.name)}, {_date(spans[days[kpi.name]][0])}, {_date(spans[days[kpi.name]][1])}, "
        f"{kpi.of_kind.runs_on}, {kpi.of_kind.is_empty_without_rows}, {kpi.is_suppressible}, {kpi.version}, "
        f"{_date(kpi.retired_on)})"
        for kpi in kpis
    )
    connection.execute(
        f"""
        create or replace temp table candidate_facts as
        select * from (values {facts}) as facts (
            kpi, first_day, last_day, runs_on, is_empty_without_rows, is_suppressible, definition_version,
            retired_on
        )
        """
    )
    return spans


def _write_rows(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    parts = " union all ".join(
        f"select {literal(kpi.name)} as kpi, period_grain, cast(period_start as date) as period_start, dimension, "
        f"member, cast(numerator as double) as numerator, cast(denominator as double) as denominator "
        f"from kpi.{kpi.name}"
        for kpi in kpis
    )
    connection.execute(f"create or replace temp table candidate_parts as {parts}")
    connection.execute(
        f"""
        create or replace temp table candidate_rows as
        with shapes as (
            select kpi, coalesce(bool_or(denominator is not null), false) as has_denominator
            from candidate_parts group by kpi
        ),
        facts as (
            select candidate_facts.*, coalesce(shapes.has_denominator, false) as has_denominator
            from candidate_facts left join shapes on candidate_facts.kpi = shapes.kpi
        ),
        covered as (
            select
                facts.*, periods.period_grain, cast(periods.period_start as date) as period_start,
                cast(periods.period_end as date) as period_end, periods.is_complete, periods.is_cut, run.as_of
            from facts
            cross join settings.run as run
            inner join entities.periods as periods
                on periods.measured_on >= facts.first_day
                and (
                    periods.is_cut
                    or periods.period_start <= case when facts.runs_on then run.as_of else facts.last_day end
                )
                -- once a KPI has ended, no period that goes on beyond its last day
                and not coalesce(run.as_of > facts.retired_on and periods.period_end > facts.retired_on, false)
        ),
        totals as (
            select
                covered.*, 'all' as dimension, 'all' as member,
                -- nothing counted is none, nothing to compute from is unknown
                coalesce(
                    parts.numerator,
                    case when not covered.is_empty_without_rows or covered.has_denominator then 0 end
                ) as numerator,
                case when covered.has_denominator then coalesce(parts.denominator, 0) end as denominator
            from covered
            left join candidate_parts as parts
                on covered.kpi = parts.kpi and covered.period_grain = parts.period_grain
                and covered.period_start = parts.period_start and parts.dimension = 'all'
        ),
        members as (
            select covered.*, parts.dimension, parts.member, parts.numerator, parts.denominator
            from covered
            inner join candidate_parts as parts
                on covered.kpi = parts.kpi and covered.period_grain = parts.period_grain
                and covered.period_start = parts.period_start
            where
                parts.dimension <> 'all' and not covered.is_cut
                and (covered.period_grain not in ('day', 'week')
                     or covered.period_end > covered.as_of - {settings.member_days})
        ),
        everything as (select * from totals union all select * from members)
        select
            kpi, period_grain, period_start, period_end, is_complete, is_cut, dimension, member, numerator, denominator,
            case when not has_denominator then numerator when denominator <> 0 then numerator / denominator end
                as kpi_value,
            definition_version, as_of, false as is_stale,
            not is_cut and {is_suppressed(settings)} as is_suppressed
        from everything
        """
    )
    columns = columns_of("kpi_values")
    connection.execute(
        f"""
        insert into candidate.kpi_values ({columns})
        select {columns} from candidate_rows where not is_cut and not is_suppressed
        order by kpi, period_grain, period_start, dimension, member
        """
    )
    connection.execute(
        "insert into candidate.cut select kpi, period_grain, period_start, kpi_value from candidate_rows where is_cut"
    )
    connection.execute("drop table candidate_parts")


def _date(day: dt.date | None) -> str:
    return f"date '{day}'" if day else "cast(null as date)"
