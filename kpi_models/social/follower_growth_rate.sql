with profile_periods as (

    -- a profile that we only begin to count within the period has not grown by that
    select
        periods.period_grain,
        periods.period_start,
        opening.network,
        opening.profile,
        opening.followers as opening_followers,
        closing.followers as closing_followers

    from {{ ref('periods') }} as periods

    inner join {{ ref('social_profile_days') }} as opening
        on periods.opening_on = opening.counted_on

    inner join {{ ref('social_profile_days') }} as closing
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

group by all
