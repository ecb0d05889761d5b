-- One row per period that KPIs are computed for, the cut ones of period_days included.

with bounds as (

    select
        period_grain,
        period_start,
        max(date_day) as measured_on,
        count(*) as days

    from {{ ref('period_days') }}

    group by period_grain, period_start

)

select
    bounds.period_grain,
    bounds.period_start,
    -- the calendar's end, also while the period is running; a cut period ends where it was cut
    coalesce(calendar_periods.period_end, bounds.measured_on) as period_end,
    -- the day whose state is the period's state: its last, or as_of while it is running
    bounds.measured_on,
    {{ dbt.dateadd('day', -1, 'bounds.period_start') }} as opening_on,
    bounds.days,
    coalesce(not calendar_periods.is_open, true) as is_complete,
    calendar_periods.period_grain is null as is_cut,
    calendar_periods.previous_start,
    calendar_periods.year_ago_start,
    -- where the values to compare with stand: whole periods with whole ones, a running one with as many days
    case
        when calendar_periods.is_open then bounds.period_grain || '_to_date'
        else bounds.period_grain
    end as compared_grain

from bounds

left join {{ ref('calendar_periods') }} as calendar_periods
    on bounds.period_grain = calendar_periods.period_grain
    and bounds.period_start = calendar_periods.period_start
