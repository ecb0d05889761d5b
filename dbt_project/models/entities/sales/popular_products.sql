-- One row per period and product that was popular when the period began: one of those with most units in the period of
-- the same grain before it. How many, the settings say (popular_products).

with units_by_day as (

    select
        ordered_on,
        product_id,
        sum(quantity) as units

    from {{ ref('order_lines') }}

    where is_completed

    group by
        ordered_on,
        product_id

),

units_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        units_by_day.product_id,
        sum(units_by_day.units) as units

    from units_by_day

    inner join {{ ref('period_days') }} as period_days
        on units_by_day.ordered_on = period_days.date_day

    group by
        period_days.period_grain,
        period_days.period_start,
        units_by_day.product_id

),

ranked as (

    select
        period_grain,
        period_start,
        product_id,
        row_number() over (partition by period_grain, period_start order by units desc, product_id asc) as unit_rank
    from units_by_period

)

select
    periods.period_grain,
    periods.period_start,
    ranked.product_id

from {{ ref('periods') }} as periods

-- a cut period is the beginning of a whole one, and follows the same period
inner join {{ ref('calendar_periods') }} as calendar_periods
    on periods.period_start = calendar_periods.period_start
    and periods.period_grain in (calendar_periods.period_grain, calendar_periods.period_grain || '_to_date')

inner join ranked
    on calendar_periods.period_grain = ranked.period_grain
    and calendar_periods.previous_start = ranked.period_start

cross join {{ source('settings', 'run') }} as run

where ranked.unit_rank <= run.popular_products
