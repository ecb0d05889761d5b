with customer_periods as (

    select
        period_grain,
        period_start,
        segment,
        opening_customers,
        lost_customers

    from {{ ref('customer_periods') }}

    where is_key_account

),

customers_by_member as (

    {{ by_member(
        'customer_periods', ['segment'], day='period_start',
        size="sum(case when period_grain = 'day' then opening_customers end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(opening_customers - lost_customers) as numerator,
    sum(opening_customers) as denominator

from customers_by_member

group by all
