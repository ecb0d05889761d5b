with average_revenue as (

    select * from {{ ref('average_revenue_per_user') }}

),

churn as (

    select * from {{ ref('churn_rate') }}

)

-- who is lost at this rate stays 1 / rate periods, and earns the average in each
select
    average_revenue.period_grain,
    average_revenue.period_start,
    average_revenue.dimension,
    average_revenue.member,
    average_revenue.numerator / nullif(average_revenue.denominator, 0) as numerator,
    churn.numerator / cast(nullif(churn.denominator, 0) as double) as denominator

from average_revenue

inner join churn
    on average_revenue.period_grain = churn.period_grain
    and average_revenue.period_start = churn.period_start
    and average_revenue.dimension = churn.dimension
    and average_revenue.member = churn.member
