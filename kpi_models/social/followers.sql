with profile_days as (

    select
        counted_on,
        network,
        profile,
        followers

    from {{ ref('social_profile_days') }}

),

profile_days_by_member as (

    {{ by_member('profile_days', ['network', 'profile'], day='counted_on', size='sum(followers)') }}

)

select
    periods.period_grain,
    periods.period_start,
    profile_days.dimension,
    profile_days.member,
    sum(profile_days.followers) as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join profile_days_by_member as profile_days
    on periods.measured_on = profile_days.counted_on

group by all
