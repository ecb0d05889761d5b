-- One row per period of the calendar that has begun by as_of, with the periods it is compared with.

with days as (

    select
        calendar.*,
        calendar.date_day <= run.as_of as is_over
    from {{ source('settings', 'calendar') }} as calendar
    cross join {{ source('settings', 'run') }} as run

),

period_bounds as (

    select
        'day' as period_grain,
        date_day as period_start,
        date_day as period_end,
        case when is_over then 1 else 0 end as elapsed_days
    from days

    union all

    select
        'week' as period_grain,
        week_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by week_start

    union all

    select
        'month' as period_grain,
        month_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by month_start

    union all

    select
        'quarter' as period_grain,
        quarter_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by quarter_start

    union all

    select
        'year' as period_grain,
        year_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by year_start

    union all

    select
        'jalali_month' as period_grain,
        jalali_month_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by jalali_month_start

    union all

    select
        'jalali_quarter' as period_grain,
        jalali_quarter_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by jalali_quarter_start

    union all

    select
        'jalali_year' as period_grain,
        jalali_year_start as period_start,
        max(date_day) as period_end,
        count_if(is_over) as elapsed_days
    from days
    group by jalali_year_start

),

numbered as (

    -- a year ago: the same weekday for days and weeks, the same part of the year for what divides a year
    select
        period_grain,
        period_start,
        period_end,
        elapsed_days,
        lag(period_start) over (partition by period_grain order by period_start) as previous_start,
        case period_grain
            when 'day' then lag(period_start, 364) over (partition by period_grain order by period_start)
            when 'week' then lag(period_start, 52) over (partition by period_grain order by period_start)
            when 'month' then lag(period_start, 12) over (partition by period_grain order by period_start)
            when 'jalali_month' then lag(period_start, 12) over (partition by period_grain order by period_start)
            when 'quarter' then lag(period_start, 4) over (partition by period_grain order by period_start)
            when 'jalali_quarter' then lag(period_start, 4) over (partition by period_grain order by period_start)
            else lag(period_start) over (partition by period_grain order by period_start)
        end as year_ago_start

    from period_bounds

)

select
    numbered.period_grain,
    numbered.period_start,
    numbered.period_end,
    numbered.previous_start,
    numbered.year_ago_start,
    -- as of the last day taken into account, some of the period's days are still to come
    numbered.period_end > run.as_of as is_open,
    numbered.elapsed_days

from numbered

cross join {{ source('settings', 'run') }} as run

where numbered.period_start <= run.as_of
