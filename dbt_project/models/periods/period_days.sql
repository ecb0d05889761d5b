-- One row per day and period it belongs to, up to as_of.
--
-- A period that is not over yet is compared with as many days of the period before and of the year before. Those cut
-- periods stand here as grains of their own (`month_to_date`), so that every KPI is computed for them by the same SQL;
-- they serve the scorecard's comparisons and are not published.

with calendar_days as (

    select
        calendar.date_day,
        grains.period_grain,
        case grains.period_grain
            when 'day' then calendar.date_day
            when 'week' then calendar.week_start
            when 'month' then calendar.month_start
            when 'quarter' then calendar.quarter_start
            when 'year' then calendar.year_start
            when 'jalali_month' then calendar.jalali_month_start
            when 'jalali_quarter' then calendar.jalali_quarter_start
            when 'jalali_year' then calendar.jalali_year_start
        end as period_start

    from {{ source('settings', 'calendar') }} as calendar

    cross join {{ source('settings', 'grains') }} as grains

    where calendar.date_day <= (select as_of from {{ source('settings', 'run') }})

),

numbered_days as (

    select
        date_day,
        period_grain,
        period_start,
        row_number() over (partition by period_grain, period_start order by date_day) as day_number
    from calendar_days

),

cut_periods as (

    select
        period_grain,
        previous_start as period_start,
        elapsed_days
    from {{ ref('calendar_periods') }}
    where is_open

    union

    select
        period_grain,
        year_ago_start as period_start,
        elapsed_days
    from {{ ref('calendar_periods') }}
    where is_open

),

cut_days as (

    select
        numbered_days.date_day,
        numbered_days.period_grain || '_to_date' as period_grain,
        numbered_days.period_start

    from numbered_days

    inner join cut_periods
        on numbered_days.period_grain = cut_periods.period_grain
        and numbered_days.period_start = cut_periods.period_start

    where numbered_days.day_number <= cut_periods.elapsed_days

)

select * from calendar_days

union all

select * from cut_days
