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

daily_visitors as (

    select
        active_on,
        dimension,
        member,
        count(distinct visitor_id) as visitors

    from visitors_by_member

    group by
        active_on,
        dimension,
        member

),

visitors_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        daily_visitors.dimension,
        daily_visitors.member,
        sum(daily_visitors.visitors) as visitor_days

    from daily_visitors

    inner join {{ ref('period_days') }} as period_days
        on daily_visitors.active_on = period_days.date_day

    group by
        period_days.period_grain,
        period_days.period_start,
        daily_visitors.dimension,
        daily_visitors.member

)

-- the mean over the days of the period so far: a day without visitors is a day
select
    visitors_by_period.period_grain,
    visitors_by_period.period_start,
    visitors_by_period.dimension,
    visitors_by_period.member,
    visitors_by_period.visitor_days / cast(periods.days as double) as numerator,
    cast(null as double) as denominator

from visitors_by_period

inner join {{ ref('periods') }} as periods
    on visitors_by_period.period_grain = periods.period_grain
    and visitors_by_period.period_start = periods.period_start
