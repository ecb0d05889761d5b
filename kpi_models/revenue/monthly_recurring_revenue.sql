with subscription_days as (

    select
        active_on,
        plan,
        segment,
        monthly_amount

    from {{ ref('subscription_days') }}

),

subscription_days_by_member as (

    {{ by_member('subscription_days', ['plan', 'segment'], day='active_on', size='sum(monthly_amount)') }}

)

select
    periods.period_grain,
    periods.period_start,
    subscription_days_by_member.dimension,
    subscription_days_by_member.member,
    sum(subscription_days_by_member.monthly_amount) as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join subscription_days_by_member
    on periods.measured_on = subscription_days_by_member.active_on

group by
    periods.period_grain,
    periods.period_start,
    subscription_days_by_member.dimension,
    subscription_days_by_member.member
