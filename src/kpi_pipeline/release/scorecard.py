"""The scorecard: is each KPI on track, since when, and how did it change.

All of it is SQL over the values to be published, so that a BI tool could compute the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.tables import TABLES, create_table
from kpi_pipeline.contracts.target import Target
from kpi_pipeline.contracts.unit import COMPARED_BY_DIFFERENCE
from kpi_pipeline.warehouse.connection import literal


def write_targets(connection: duckdb.DuckDBPyConnection, targets: Iterable[Target]) -> None:
    """Write the table ``new_targets`` from ``kpi_models/targets.csv``."""
    connection.execute(create_table("temp.new_targets", "kpi_targets"))
    columns = TABLES["kpi_targets"]
    records = [[getattr(target, column) for column in columns] for target in targets]
    if records:
        connection.executemany(f"insert into temp.new_targets values ({', '.join('?' * len(columns))})", records)


def write_scorecard(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    """Write the table ``new_scorecard``: one row per KPI, grain and period, of the totals in ``new_values``.

    A running period is compared with as many days of the period before and of the year before; a target for a sum is
    due in proportion to the days that have passed. ``change`` is relative; of percents, scores and positions it is the
    difference. ``streak`` counts the complete periods in a row, this one included, that had the same status.
    """
    _write_units(connection, kpis)
    margin = settings.at_risk_margin
    connection.execute(
        f"""
        create or replace temp macro shown(given, unit) as case
            when unit = 'percent' then format('{{:.2f}} %', given * 100)
            when abs(given) >= 1000 then format('{{:,.0f}}', given)
            else format('{{:.2f}}', given)
        end;

        create or replace temp table new_scorecard as
        with totals as (select * from new_values where dimension = 'all'),
        comparable as (
            select kpi, period_grain, period_start, kpi_value from totals
            union all
            select kpi, period_grain, period_start, kpi_value from warehouse.candidate.cut
        ),
        compared as (
            select
                totals.*, units.unit, units.good,
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
            left join new_targets as targets
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
        ),
        judged as (
            select
                *,
                case
                    when kpi_value is null then 'no_data'
                    when target is null then 'no_target'
                    when distance > off_track_distance then 'off_track'
                    when distance > at_risk_distance then 'at_risk'
                    else 'on_track'
                end as status
            from limits
        ),
        numbered as (
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
                when 'off_track' then shown(kpi_value, unit) || ' is beyond the limit of '
                    || shown(sign * off_track_distance, unit) || ', the target is ' || shown(due * target, unit)
                else shown(kpi_value, unit)
                    || case when distance <= target_distance then ' meets' else ' misses' end
                    || ' the target of ' || shown(due * target, unit)
                    || case
                        when status = 'on_track' and distance <= target_distance then ''
                        when status = 'on_track' then ', within the limit of ' || shown(sign * at_risk_distance, unit)
                        when distance <= target_distance
                            then ', but not the limit of ' || shown(sign * at_risk_distance, unit)
                        else ', the limit is ' || shown(sign * off_track_distance, unit)
                    end
            end || case when is_complete or status like 'no_%' then ''
                else format(', after {{}} of {{}} days', days, all_days) end as status_reason,
            case when is_complete and status not like 'no_%' then row_number() over (
                partition by kpi, period_grain, is_complete, status, streak_group order by period_start
            ) end as streak,
            definition_version, as_of, is_stale
        from numbered
        """
    )


def _write_units(connection: duckdb.DuckDBPyConnection, kpis: Sequence[Kpi]) -> None:
    connection.execute("create or replace temp table units (kpi text, unit text, good text, is_due_pro_rata boolean)")
    if kpis:
        connection.execute(
            "insert into units values "
            + ", ".join(
                f"({literal(kpi.name)}, {literal(kpi.unit)}, {literal(kpi.good)}, {kpi.of_kind.is_due_pro_rata})"
                for kpi in kpis
            )
        )


def _change(base: str) -> str:
    units = ", ".join(literal(unit) for unit in sorted(COMPARED_BY_DIFFERENCE))
    difference = f"kpi_value - {base}"
    return f"case when unit in ({units}) then {difference} else ({difference}) / nullif(abs({base}), 0) end"
