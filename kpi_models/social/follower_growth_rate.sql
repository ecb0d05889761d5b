with profile_days as (

    select
        counted_on,
        network,
        profile,
        followers

    from {{ ref('social_profile_days') }}

),

-- profiles with a count on the day before the period: one that we only begin to count within it has not grown by that
profile_periods as (

    select
        periods.period_grain,
        periods.period_start,
        opening.network,
        opening.profile,
        opening.followers as opening_followers,
        closing.followers as closing_followers

    from {{ ref('periods') }} as periods

    inner join profile_days as opening
        on periods.opening_on = opening.counted_on

    inner join profile_days as closing
        on periods.measured_on = closing.counted_on
        and opening.network = closing.network
        and opening.profile = closing.profile

),

profile_periods_by_member as (

    {{ by_member(
        'profile_periods', ['network', 'profile'], day='period_start',
        size="sum(case when period_grain = 'day' then opening_followers end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(closing_followers) - sum(opening_followers) as numerator,
    sum(opening_followers) as denominator

from profile_periods_by_member

group by
    period_grain,
    period_start,
    dimension,
    member
