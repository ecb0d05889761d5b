with churn as (

    select * from {{ ref('churn_rate') }}

)

-- who was not lost was kept: the two add up to 1 by construction
select
    period_grain,
    period_start,
    dimension,
    member,
    denominator - numerator as numerator,
    denominator

from churn
