with average_revenue as (

    select
        period_grain,
        period_start,
        dimension,
        member,
        numerator / nullif(denominator, 0) as revenue_per_customer

    from {{ ref('average_revenue_per_user') }}

),

churn as (

    select
        period_grain,
        period_start,
        dimension,
        member,
        numerator / cast(nullif(denominator, 0) as double) as churn_rate

    from {{ ref('churn_rate') }}

),

-- an order whose cost is not known says nothing about the margin
costed_orders as (

    select
        ordered_on,
        segment,
        revenue,
        cost

    from {{ ref('orders') }}

    where
        is_completed
        and cost is not null

),

costed_orders_by_member as (

    {{ by_member('costed_orders', ['segment'], day='ordered_on', size='sum(revenue)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(revenue - cost) as numerator,
        sum(revenue) as denominator

    from costed_orders_by_member

    group by
        ordered_on,
        dimension,
        member

),

margin_parts as (

    {{ add_up_days('daily') }}

),

-- without an order of known cost the margin is not known, and neither is the profit: it is not taken for the revenue
margins as (

    select
        period_grain,
        period_start,
        dimension,
        member,
        numerator / cast(denominator as double) as gross_margin

    from margin_parts

    where denominator > 0

)

select
    average_revenue.period_grain,
    average_revenue.period_start,
    average_revenue.dimension,
    average_revenue.member,
    average_revenue.revenue_per_customer * margins.gross_margin as numerator,
    churn.churn_rate as denominator

from average_revenue

inner join churn
    on average_revenue.period_grain = churn.period_grain
    and average_revenue.period_start = churn.period_start
    and average_revenue.dimension = churn.dimension
    and average_revenue.member = churn.member

inner join margins
    on average_revenue.period_grain = margins.period_grain
    and average_revenue.period_start = margins.period_start
    and average_revenue.dimension = margins.dimension
    and average_revenue.member = margins.member
