with visitors as (

    select
        active_on,
        visitor_id,
        channel,
        device,
        has_purchase

    from {{ ref('visitor_days') }}

),

visitors_by_member as (

    {{ by_member('visitors', ['channel', 'device'], day='active_on', size='count(distinct visitor_id)') }}

)

select
    period_days.period_grain,
    period_days.period_start,
    visitors_by_member.dimension,
    visitors_by_member.member,
    count(distinct case when visitors_by_member.has_purchase then visitors_by_member.visitor_id end) as numerator,
    count(distinct visitors_by_member.visitor_id) as denominator

from visitors_by_member

inner join {{ ref('period_days') }} as period_days
    on visitors_by_member.active_on = period_days.date_day

group by
    period_days.period_grain,
    period_days.period_start,
    visitors_by_member.dimension,
    visitors_by_member.member
