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
    subscription_days.dimension,
    subscription_days.member,
    sum(subscription_days.monthly_amount) as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join subscription_days_by_member as subscription_days
    on periods.measured_on = subscription_days.active_on

group by all
