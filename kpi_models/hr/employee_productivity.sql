with work_logs as (

    select
        worked_on,
        employee_id,
        department,
        team,
        output_units,
        hours,
        minimum_group_size

    from {{ ref('work_logs') }}

),

work_logs_by_member as (

    {{ by_member('work_logs', ['department', 'team'], day='worked_on', size='sum(hours)') }}

)

select
    period_days.period_grain,
    period_days.period_start,
    work_logs_by_member.dimension,
    work_logs_by_member.member,
    sum(work_logs_by_member.output_units) as numerator,
    sum(work_logs_by_member.hours) as denominator

from work_logs_by_member

inner join {{ ref('period_days') }} as period_days
    on work_logs_by_member.worked_on = period_days.date_day

group by all

-- what a few people produce in an hour is about them
having
    work_logs_by_member.dimension = 'all'
    or count(distinct work_logs_by_member.employee_id) >= max(work_logs_by_member.minimum_group_size)
