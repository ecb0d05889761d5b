"""The scorecard: is each KPI on track, since when, and how did it change.

The numbers are SQL over the values to be published, so that a BI tool could compute the same; the sentence that says
why is made of them here, as people write numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.numbers import shown_value
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.unit import COMPARED_BY_DIFFERENCE
from kpi_pipeline.warehouse.connection import literal, rows


def write_scorecard(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    """Write the table ``new_kpi_scorecard``: one row per KPI, grain and period, of the totals in ``new_kpi_values``.

    A running period is compared with as many days of the period before and of the year before; a target for a sum is
    due in proportion to the days that have passed. ``change`` is relative; of percents, scores and positions it is the
    difference. ``streak`` counts the complete periods in a row, this one included, that had the same status.
    """
    _write_units(connection, settings, kpis)
    _write_judged(connection, settings)
    _write_reasons(connection)
    connection.execute(
        f"""
        create or replace temp table new_kpi_scorecard as
        with numbered as (
            select
                *,
                row_number() over (partition by kpi, period_grain order by period_start)
                - row_number() over (partition by kpi, period_grain, is_complete, status order by period_start)
                    as streak_group
            from judged
        )
        select
            kpi, period_grain, period_start, period_end, is_complete, kpi_value,
            previous_value, {_change("previous_value")} as change,
            year_ago_value, {_change("year_ago_value")} as year_ago_change,
            target,
            case good when 'up' then kpi_value / nullif(target, 0)
                when 'down' then target / nullif(kpi_value, 0) end as attainment,
            status,
            case status
                when 'no_data' then 'there is no value: nothing happened that the KPI is measured by'
                when 'no_target' then 'no target is set for this period'
                else reason
            end as status_reason,
            case when is_complete and status not like 'no_%' then row_number() over (
                partition by kpi, period_grain, is_complete, status, streak_group order by period_start
            ) end as streak,
            definition_version, as_of, is_stale
        from numbered
        left join reasons using (kpi, period_grain, period_start)
        """
    )


def _write_units(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    connection.execute(
        "create or replace temp table units (kpi text, unit text, currency text, good text, is_due_pro_rata boolean)"
    )
    if kpis:
        connection.execute(
            "insert into units values "
            + ", ".join(
                f"({literal(kpi.name)}, {literal(kpi.unit)}, {literal(settings.currency)}, {literal(kpi.good)}, "
                f"{kpi.of_kind.is_due_pro_rata})"
                for kpi in kpis
            )
        )


def _write_judged(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write ``judged``: each total with what it is compared with, its limits as far as they are due, and its status."""
    margin = settings.at_risk_margin
    connection.execute(
        f"""
        create or replace temp table judged as
        with totals as (select * from new_kpi_values where dimension = 'all'),
        comparable as (
            select kpi, period_grain, period_start, kpi_value from totals
            union all
            select kpi, period_grain, period_start, kpi_value from warehouse.candidate.cut
        ),
        compared as (
            select
                totals.*, units.unit, units.currency, units.good,
                previous.kpi_value as previous_value, year_ago.kpi_value as year_ago_value,
                targets.target, targets.at_risk_at, targets.off_track_at,
                case when units.is_due_pro_rata and not totals.is_complete
                    then periods.days / (totals.period_end - totals.period_start + 1) else 1 end as due,
                periods.days, totals.period_end - totals.period_start + 1 as all_days
            from totals
            inner join units on totals.kpi = units.kpi
            inner join warehouse.entities.periods as periods
                on totals.period_grain = periods.period_grain and totals.period_start = periods.period_start
            left join comparable as previous
                on totals.kpi = previous.kpi and periods.compared_grain = previous.period_grain
                and periods.previous_start = previous.period_start
            left join comparable as year_ago
                on totals.kpi = year_ago.kpi and periods.compared_grain = year_ago.period_grain
                and periods.year_ago_start = year_ago.period_start
            left join new_kpi_targets as targets
                on totals.kpi = targets.kpi and targets.dimension = 'all' and targets.member = 'all'
                and totals.period_grain = targets.period_grain
                and totals.period_start >= targets.valid_from
                and totals.period_start <= coalesce(targets.valid_to, date '9999-12-31')
        ),
        limits as (
            select
                *,
                -- worse is larger in `distance`, whichever way is good
                case good when 'up' then -kpi_value when 'down' then kpi_value else abs(kpi_value) end as distance,
                case good when 'up' then -1 else 1 end as sign,
                due * sign * target as target_distance,
                due * sign * coalesce(at_risk_at, target) as at_risk_distance,
                due * sign * coalesce(
                    off_track_at,
                    case good when 'up' then target - {margin} * abs(target) else target + {margin} * abs(target) end
                ) as off_track_distance
            from compared
        )
        select
            kpi, period_grain, period_start, period_end, is_complete, kpi_value, previous_value, year_ago_value, target,
            definition_version, as_of, is_stale, unit, currency, good, days, all_days,
            due * target as due_target,
            sign * at_risk_distance as at_risk_limit,
            sign * off_track_distance as off_track_limit,
            distance <= target_distance as is_met,
            case
                when kpi_value is null then 'no_data'
                when target is null then 'no_target'
                when distance > off_track_distance then 'off_track'
                when distance > at_risk_distance then 'at_risk'
                else 'on_track'
            end as status
        from limits
        """
    )


def _write_reasons(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``reasons``: why each period that has a target has its status."""
    found = rows(connection, "select * from judged where status not like 'no_%'")
    connection.execute(
        """
        create or replace temp table reasons as
        select
            unnest(?::text[]) as kpi, unnest(?::text[]) as period_grain, unnest(?::date[]) as period_start,
            unnest(?::text[]) as reason
        """,
        [
            *([row[column] for row in found] for column in ("kpi", "period_grain", "period_start")),
            [_reason(row) for row in found],
        ],
    )


def _reason(row: Mapping[str, Any]) -> str:
    """Why a period has its status, with numbers as the terminal shows them."""

    def shown(column: str) -> str:
        return shown_value(row[column], row["unit"], row["currency"])

    value, target = shown("kpi_value"), shown("due_target")
    match row["status"], row["is_met"]:
        case "off_track", _:
            reason = f"{value} is beyond the limit of {shown('off_track_limit')}, the target is {target}"
        case "on_track", True:
            reason = f"{value} meets the target of {target}"
        case "on_track", False:
            reason = f"{value} misses the target of {target}, within the limit of {shown('at_risk_limit')}"
        case _, True:
            reason = f"{value} meets the target of {target}, but not the limit of {shown('at_risk_limit')}"
        case _:
            reason = f"{value} misses the target of {target}, the limit is {shown('off_track_limit')}"
    return reason if row["is_complete"] else f"{reason}, after {row['days']} of {row['all_days']} days"


def _change(base: str) -> str:
    units = ", ".join(literal(unit) for unit in sorted(COMPARED_BY_DIFFERENCE))
    difference = f"kpi_value - {base}"
    return f"case when unit in ({units}) then {difference} else ({difference}) / nullif(abs({base}), 0) end"
