with visitors as (

    select
        active_on,
        visitor_id,
        channel,
        country

    from {{ ref('visitor_days') }}

),

visitors_by_member as (

    {{ by_member('visitors', ['channel', 'country'], day='active_on', size='count(distinct visitor_id)') }}

),

visitors_of_days as (

    select distinct
        active_on,
        dimension,
        member,
        visitor_id

    from visitors_by_member

)

-- the mean over the days of the period so far: a day without visitors is a day
select
    periods.period_grain,
    periods.period_start,
    visitors.dimension,
    visitors.member,
    count(*) / cast(periods.days as double) as numerator,
    cast(null as double) as denominator

from visitors_of_days as visitors

inner join {{ ref('period_days') }} as period_days
    on visitors.active_on = period_days.date_day

inner join {{ ref('periods') }} as periods
    on period_days.period_grain = periods.period_grain
    and period_days.period_start = periods.period_start

group by
    periods.period_grain,
    periods.period_start,
    periods.days,
    visitors.dimension,
    visitors.member
