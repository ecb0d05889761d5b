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

)

-- who is lost at this rate stays 1 / rate periods, and earns the average in each
select
    average_revenue.period_grain,
    average_revenue.period_start,
    average_revenue.dimension,
    average_revenue.member,
    average_revenue.revenue_per_customer as numerator,
    churn.churn_rate as denominator

from average_revenue

inner join churn
    on average_revenue.period_grain = churn.period_grain
    and average_revenue.period_start = churn.period_start
    and average_revenue.dimension = churn.dimension
    and average_revenue.member = churn.member
