with average_revenue as (

    select * from {{ ref('average_revenue_per_user') }}

),

churn as (

    select * from {{ ref('churn_rate') }}

),

-- an order whose cost is not known says nothing about the margin
costed_orders as (

    select
        ordered_on as date_day,
        segment,
        sum(revenue - cost) as numerator,
        sum(revenue) as denominator

    from {{ ref('orders') }}

    where
        is_completed
        and cost is not null

    group by all

),

margins as (

    {{ add_up('costed_orders', ['segment']) }}

)

select
    average_revenue.period_grain,
    average_revenue.period_start,
    average_revenue.dimension,
    average_revenue.member,
    average_revenue.numerator / nullif(average_revenue.denominator, 0)
    * (margins.numerator / cast(margins.denominator as double)) as numerator,
    churn.numerator / cast(nullif(churn.denominator, 0) as double) as denominator

from average_revenue

inner join churn
    on average_revenue.period_grain = churn.period_grain
    and average_revenue.period_start = churn.period_start
    and average_revenue.dimension = churn.dimension
    and average_revenue.member = churn.member

-- without an order of known cost the margin is not known, and neither is the profit: it is not taken for the revenue
inner join margins
    on average_revenue.period_grain = margins.period_grain
    and average_revenue.period_start = margins.period_start
    and average_revenue.dimension = margins.dimension
    and average_revenue.member = margins.member
    and margins.denominator > 0
