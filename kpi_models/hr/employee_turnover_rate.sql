with leavers as (

    select
        left_on as date_day,
        department,
        leaving_reason as reason,
        1 as leavers,
        0 as headcount

    from {{ ref('employees') }}

    where left_on is not null

),

headcount as (

    select
        active_on as date_day,
        department,
        cast(null as {{ dbt.type_string() }}) as reason,
        0 as leavers,
        headcount

    from {{ ref('headcount_days') }}

),

staff as (

    select * from leavers

    union all

    select * from headcount

),

staff_by_member as (

    {{ by_member('staff', ['department', 'reason'], day='date_day', size='sum(headcount + leavers)') }}

),

leavers_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        staff_by_member.dimension,
        staff_by_member.member,
        sum(staff_by_member.leavers) as leavers

    from staff_by_member

    inner join {{ ref('period_days') }} as period_days
        on staff_by_member.date_day = period_days.date_day

    where staff_by_member.leavers > 0

    group by
        period_days.period_grain,
        period_days.period_start,
        staff_by_member.dimension,
        staff_by_member.member

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
        count(*) as measurements
    from measured_days
    group by
        period_grain,
        period_start

),

average_headcount as (

    select
        measured_days.period_grain,
        measured_days.period_start,
        staff_by_member.dimension,
        staff_by_member.member,
        sum(staff_by_member.headcount) / cast(max(measurements.measurements) as double) as headcount

    from measured_days

    inner join measurements
        on measured_days.period_grain = measurements.period_grain
        and measured_days.period_start = measurements.period_start

    inner join staff_by_member
        on measured_days.date_day = staff_by_member.date_day

    where
        staff_by_member.headcount > 0
        and staff_by_member.dimension in ('all', 'department')

    group by
        measured_days.period_grain,
        measured_days.period_start,
        staff_by_member.dimension,
        staff_by_member.member

),

-- a department leaves from its own headcount, a reason from everybody's
turnover_by_department as (

    select
        coalesce(average_headcount.period_grain, leavers_by_period.period_grain) as period_grain,
        coalesce(average_headcount.period_start, leavers_by_period.period_start) as period_start,
        coalesce(average_headcount.dimension, leavers_by_period.dimension) as dimension,
        coalesce(average_headcount.member, leavers_by_period.member) as member,
        coalesce(leavers_by_period.leavers, 0) as numerator,
        coalesce(average_headcount.headcount, 0) as denominator

    from average_headcount

    -- who was hired and left between two measured days is in no headcount, and has left all the same
    full outer join leavers_by_period
        on average_headcount.period_grain = leavers_by_period.period_grain
        and average_headcount.period_start = leavers_by_period.period_start
        and average_headcount.dimension = leavers_by_period.dimension
        and average_headcount.member = leavers_by_period.member

    where coalesce(average_headcount.dimension, leavers_by_period.dimension) in ('all', 'department')

),

turnover_by_reason as (

    select
        leavers_by_period.period_grain,
        leavers_by_period.period_start,
        leavers_by_period.dimension,
        leavers_by_period.member,
        leavers_by_period.leavers as numerator,
        average_headcount.headcount as denominator

    from leavers_by_period

    inner join average_headcount
        on leavers_by_period.period_grain = average_headcount.period_grain
        and leavers_by_period.period_start = average_headcount.period_start
        and average_headcount.dimension = 'all'

    where leavers_by_period.dimension = 'reason'

)

select * from turnover_by_department

union all

select * from turnover_by_reason
