with gross_margin as (

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

    group by all

),

-- a month is a twelfth of 365.25 days: periods of every length, running ones too, come to months by the same rule
monthly_profit as (

    select
        revenue.period_grain,
        revenue.period_start,
        revenue.numerator / cast(nullif(revenue.denominator, 0) as double)
        / periods.days * 30.4375 * gross_margin.gross_margin as profit_per_customer

    from {{ ref('average_revenue_per_user') }} as revenue

    inner join {{ ref('periods') }} as periods
        on revenue.period_grain = periods.period_grain
        and revenue.period_start = periods.period_start

    inner join gross_margin
        on revenue.period_grain = gross_margin.period_grain
        and revenue.period_start = gross_margin.period_start

    where revenue.dimension = 'all'

)

select
    acquisition_cost.period_grain,
    acquisition_cost.period_start,
    'all' as dimension,
    'all' as member,
    acquisition_cost.numerator / cast(acquisition_cost.denominator as double) as numerator,
    monthly_profit.profit_per_customer as denominator

from {{ ref('customer_acquisition_cost') }} as acquisition_cost

inner join monthly_profit
    on acquisition_cost.period_grain = monthly_profit.period_grain
    and acquisition_cost.period_start = monthly_profit.period_start

where
    acquisition_cost.dimension = 'all'
    and acquisition_cost.denominator > 0
    -- customers who bring no profit never pay back
    and monthly_profit.profit_per_customer > 0
