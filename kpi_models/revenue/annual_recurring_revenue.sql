with monthly_recurring_revenue as (

    select * from {{ ref('monthly_recurring_revenue') }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    12 * numerator as numerator,
    denominator

from monthly_recurring_revenue
