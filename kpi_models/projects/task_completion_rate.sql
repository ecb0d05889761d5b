with tasks as (

    select
        due_on,
        completed_on,
        project_id as project,
        assignee_id as assignee

    from {{ ref('tasks') }}

),

tasks_by_member as (

    {{ by_member('tasks', ['project', 'assignee'], day='due_on', size='count(*)') }}

)

-- a task that is late by a day is late in its week, and may be in time for its month
select
    period_days.period_grain,
    period_days.period_start,
    tasks_by_member.dimension,
    tasks_by_member.member,
    count_if(
        tasks_by_member.completed_on is not null and tasks_by_member.completed_on <= periods.measured_on
    ) as numerator,
    count(*) as denominator

from tasks_by_member

inner join {{ ref('period_days') }} as period_days
    on tasks_by_member.due_on = period_days.date_day

inner join {{ ref('periods') }} as periods
    on period_days.period_grain = periods.period_grain
    and period_days.period_start = periods.period_start

group by all
