with visitors as (

    select
        active_on,
        visitor_id,
        first_active_on,
        channel

    from {{ ref('visitor_days') }}

),

visitors_by_member as (

    {{ by_member('visitors', ['channel'], day='active_on', size='count(distinct visitor_id)') }}

),

visitors_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        visitors_by_member.dimension,
        visitors_by_member.member,
        visitors_by_member.visitor_id,
        visitors_by_member.first_active_on < period_days.period_start as is_returning

    from visitors_by_member

    inner join {{ ref('period_days') }} as period_days
        on visitors_by_member.active_on = period_days.date_day

)

select
    period_grain,
    period_start,
    dimension,
    member,
    count(distinct case when is_returning then visitor_id end) as numerator,
    count(distinct visitor_id) as denominator

from visitors_by_period

group by
    period_grain,
    period_start,
    dimension,
    member
