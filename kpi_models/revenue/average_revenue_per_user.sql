with earnings_and_customers as (

    select
        period_days.period_grain,
        period_days.period_start,
        customer_earnings.segment,
        customer_earnings.amount,
        0 as customers

    from {{ ref('customer_earnings') }} as customer_earnings

    inner join {{ ref('period_days') }} as period_days
        on customer_earnings.earned_on = period_days.date_day

    union all

    select
        period_grain,
        period_start,
        segment,
        0 as amount,
        active_customers as customers

    from {{ ref('customer_periods') }}

),

parts_by_member as (

    {{ by_member(
        'earnings_and_customers', ['segment'], day='period_start',
        size="sum(case when period_grain = 'day' then customers end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(amount) as numerator,
    sum(customers) as denominator

from parts_by_member

group by all
