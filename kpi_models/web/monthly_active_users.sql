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

neighbouring_visits as (

    select
        dimension,
        member,
        active_on,
        lag(active_on) over visits as previous_on,
        lead(active_on) over visits as next_on

    from visitors_by_member

    window visits as (partition by dimension, member, visitor_id order by active_on)

),

-- a visit makes its visitor one of the last 30 days' for as many days, unless the visitor is one already
changes as (

    select
        dimension,
        member,
        active_on as changed_on,
        1 as visitors
    from neighbouring_visits
    where
        previous_on is null
        or active_on >= {{ dbt.dateadd('day', 30, 'previous_on') }}

    union all

    select
        dimension,
        member,
        cast({{ dbt.dateadd('day', 30, 'active_on') }} as date) as changed_on,
        -1 as visitors
    from neighbouring_visits
    where
        next_on is null
        or next_on >= {{ dbt.dateadd('day', 30, 'active_on') }}

),

running as (

    select
        dimension,
        member,
        changed_on,
        sum(sum(visitors)) over days as visitors,
        lead(changed_on) over days as next_change_on

    from changes

    group by
        dimension,
        member,
        changed_on

    window days as (partition by dimension, member order by changed_on)

)

-- a day or a week is too short for a month's visitors: it counts the 30 days that end with it
select
    periods.period_grain,
    periods.period_start,
    running.dimension,
    running.member,
    running.visitors as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join running
    on periods.measured_on >= running.changed_on
    and (periods.measured_on < running.next_change_on or running.next_change_on is null)

where
    periods.period_grain in ('day', 'week', 'week_to_date')
    and running.visitors > 0

union all

select
    period_days.period_grain,
    period_days.period_start,
    visitors.dimension,
    visitors.member,
    count(distinct visitors.visitor_id) as numerator,
    cast(null as bigint) as denominator

from visitors_by_member as visitors

inner join {{ ref('period_days') }} as period_days
    on visitors.active_on = period_days.date_day

where period_days.period_grain not in ('day', 'week', 'week_to_date')

group by all
