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
    visitors.dimension,
    visitors.member,
    count(distinct case when visitors.has_purchase then visitors.visitor_id end) as numerator,
    count(distinct visitors.visitor_id) as denominator

from visitors_by_member as visitors

inner join {{ ref('period_days') }} as period_days
    on visitors.active_on = period_days.date_day

group by all
