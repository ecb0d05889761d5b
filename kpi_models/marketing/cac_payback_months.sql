with acquisition_cost as (

    select
        period_grain,
        period_start,
        numerator / cast(denominator as double) as cost_per_customer

    from {{ ref('customer_acquisition_cost') }}

    where
        dimension = 'all'
        and denominator > 0

),

-- a month is a twelfth of 365.25 days: periods of every length, running ones too, come to months by the same rule
average_revenue as (

    select
        average_revenue_per_user.period_grain,
        average_revenue_per_user.period_start,
        average_revenue_per_user.numerator
        / cast(nullif(average_revenue_per_user.denominator, 0) as double)
        / periods.days * 30.4375 as monthly_revenue_per_customer

    from {{ ref('average_revenue_per_user') }} as average_revenue_per_user

    inner join {{ ref('periods') }} as periods
        on average_revenue_per_user.period_grain = periods.period_grain
        and average_revenue_per_user.period_start = periods.period_start

    where average_revenue_per_user.dimension = 'all'

),

gross_margin as (

    select
        period_days.period_grain,
        period_days.period_start,
        sum(orders.revenue - orders.cost) / cast(nullif(sum(orders.revenue), 0) as double) as gross_margin

    from {{ ref('orders') }} as orders

    inner join {{ ref('period_days') }} as period_days
        on orders.ordered_on = period_days.date_day

    where
        orders.is_completed
        and orders.cost is not null

    group by
        period_days.period_grain,
        period_days.period_start

),

monthly_profit as (

    select
        average_revenue.period_grain,
        average_revenue.period_start,
        average_revenue.monthly_revenue_per_customer * gross_margin.gross_margin as profit_per_customer

    from average_revenue

    inner join gross_margin
        on average_revenue.period_grain = gross_margin.period_grain
        and average_revenue.period_start = gross_margin.period_start

)

select
    acquisition_cost.period_grain,
    acquisition_cost.period_start,
    'all' as dimension,
    'all' as member,
    acquisition_cost.cost_per_customer as numerator,
    monthly_profit.profit_per_customer as denominator

from acquisition_cost

inner join monthly_profit
    on acquisition_cost.period_grain = monthly_profit.period_grain
    and acquisition_cost.period_start = monthly_profit.period_start

-- customers who bring no profit never pay back
where monthly_profit.profit_per_customer > 0
