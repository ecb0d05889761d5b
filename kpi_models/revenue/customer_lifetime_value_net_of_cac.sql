with lifetime_value as (

    select * from {{ ref('customer_lifetime_value') }}

),

acquisition_cost as (

    select * from {{ ref('customer_acquisition_cost') }}

)

-- both have dimensions of their own and none in common: only the totals can be compared
select
    lifetime_value.period_grain,
    lifetime_value.period_start,
    lifetime_value.dimension,
    lifetime_value.member,
    lifetime_value.numerator / nullif(lifetime_value.denominator, 0)
    - acquisition_cost.numerator / cast(nullif(acquisition_cost.denominator, 0) as double) as numerator,
    cast(null as bigint) as denominator

from lifetime_value

inner join acquisition_cost
    on lifetime_value.period_grain = acquisition_cost.period_grain
    and lifetime_value.period_start = acquisition_cost.period_start

where
    lifetime_value.dimension = 'all'
    and acquisition_cost.dimension = 'all'
