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

counted_days as (

    -- a day or a week is too short for a month's visitors: it counts the 30 days that end with it
    select
        period_grain,
        period_start,
        case
            when period_grain in ('day', 'week', 'week_to_date')
                then {{ dbt.dateadd('day', -29, 'measured_on') }}
            else period_start
        end as counted_from,
        measured_on as counted_to

    from {{ ref('periods') }}

)

select
    counted_days.period_grain,
    counted_days.period_start,
    visitors_by_member.dimension,
    visitors_by_member.member,
    count(distinct visitors_by_member.visitor_id) as numerator,
    cast(null as bigint) as denominator

from counted_days

inner join visitors_by_member
    on visitors_by_member.active_on between counted_days.counted_from and counted_days.counted_to

group by
    counted_days.period_grain,
    counted_days.period_start,
    visitors_by_member.dimension,
    visitors_by_member.member
