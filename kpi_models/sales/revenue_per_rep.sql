with sales_and_reps as (

    select
        period_days.period_grain,
        period_days.period_start,
        orders.rep_id as rep,
        sales_reps.team,
        orders.revenue,
        0 as active_reps

    from {{ ref('orders') }} as orders

    inner join {{ ref('period_days') }} as period_days
        on orders.ordered_on = period_days.date_day

    left join {{ ref('sales_reps') }} as sales_reps
        on orders.rep_id = sales_reps.rep

    where
        orders.is_completed
        and orders.rep_id is not null

    union all

    select
        periods.period_grain,
        periods.period_start,
        sales_reps.rep,
        sales_reps.team,
        0 as revenue,
        1 as active_reps

    from {{ ref('periods') }} as periods

    inner join {{ ref('sales_reps') }} as sales_reps
        on periods.measured_on >= sales_reps.active_from
        and periods.period_start <= coalesce(sales_reps.active_to, date '9999-12-31')

),

-- every rep is one rep: the largest are those who sell most
sales_and_reps_by_member as (

    {{ by_member(
        'sales_and_reps', ['rep', 'team'], day='period_start',
        size="sum(case when period_grain = 'day' then revenue end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(revenue) as numerator,
    sum(active_reps) as denominator

from sales_and_reps_by_member

group by all
