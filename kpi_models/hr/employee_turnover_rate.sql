with staff as (

    select
        left_on as date_day,
        department,
        leaving_reason as reason,
        1 as leavers,
        0 as headcount

    from {{ ref('employee_spans') }}

    where active_until = left_on

    union all

    select
        active_on as date_day,
        department,
        cast(null as {{ dbt.type_string() }}) as reason,
        0 as leavers,
        headcount

    from {{ ref('headcount_days') }}

),

staff_by_member as (

    {{ by_member('staff', ['department', 'reason'], day='date_day', size='sum(headcount + leavers)') }}

),

-- headcount is measured before a period and after it; in more than a month, after each month of it too
measured_days as (

    select
        period_grain,
        period_start,
        opening_on as date_day
    from {{ ref('periods') }}

    union

    select
        period_grain,
        period_start,
        measured_on as date_day
    from {{ ref('periods') }}

    union

    select
        periods.period_grain,
        periods.period_start,
        months.period_end as date_day
    from {{ ref('periods') }} as periods
    inner join {{ ref('calendar_periods') }} as months
        on months.period_end between periods.period_start and periods.measured_on
        and months.period_grain = case
            when periods.period_grain like 'jalali%' then 'jalali_month' else 'month'
        end
    where periods.days > 31

),

measurements as (

    select
        period_grain,
        period_start,
        date_day,
        count(*) over (partition by period_grain, period_start) as measurements
    from measured_days

),

-- who was hired and left between two measured days is in no headcount, and has left all the same
staff_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        staff_by_member.dimension,
        staff_by_member.member,
        staff_by_member.leavers,
        0 as headcount,
        cast(null as bigint) as measurements

    from staff_by_member

    inner join {{ ref('period_days') }} as period_days
        on staff_by_member.date_day = period_days.date_day

    where staff_by_member.leavers > 0

    union all

    select
        measurements.period_grain,
        measurements.period_start,
        staff_by_member.dimension,
        staff_by_member.member,
        0 as leavers,
        staff_by_member.headcount,
        measurements.measurements

    from measurements

    inner join staff_by_member
        on measurements.date_day = staff_by_member.date_day

    where
        staff_by_member.headcount > 0
        and staff_by_member.dimension in ('all', 'department')

),

turnover as (

    select
        period_grain,
        period_start,
        dimension,
        member,
        sum(leavers) as leavers,
        sum(headcount) / cast(max(measurements) as double) as headcount

    from staff_by_period

    group by all

)

-- a department leaves from its own headcount, a reason from everybody's
select
    turnover.period_grain,
    turnover.period_start,
    turnover.dimension,
    turnover.member,
    turnover.leavers as numerator,
    case
        when turnover.dimension = 'reason' then everybody.headcount else coalesce(turnover.headcount, 0)
    end as denominator

from turnover

inner join turnover as everybody
    on turnover.period_grain = everybody.period_grain
    and turnover.period_start = everybody.period_start
    and everybody.dimension = 'all'

where
    turnover.dimension <> 'reason'
    or everybody.headcount is not null
