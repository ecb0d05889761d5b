-- One row per project and span of days in which its progress stands still: planned effort of its tasks, and of those
-- that are completed. A project's tasks are those of today. Built from the days on which a task is completed, so that
-- its size follows the tasks and not the calendar.

with projects as (

    select * from {{ ref('projects') }}

),

tasks as (

    select * from {{ ref('tasks') }}

),

changes as (

    select
        projects.project_id,
        projects.active_from as changed_on,
        tasks.planned_effort_hours as planned_effort,
        0 as completed_effort

    from projects

    inner join tasks
        on projects.project_id = tasks.project_id

    where projects.active_from is not null

    union all

    -- what was completed before the planned start is there on the first day
    select
        projects.project_id,
        greatest(projects.active_from, tasks.completed_on) as changed_on,
        0 as planned_effort,
        tasks.planned_effort_hours as completed_effort

    from projects

    inner join tasks
        on projects.project_id = tasks.project_id

    where
        projects.active_from is not null
        and tasks.completed_on is not null

),

changes_by_day as (

    select
        project_id,
        changed_on,
        sum(planned_effort) as planned_effort,
        sum(completed_effort) as completed_effort
    from changes
    group by
        project_id,
        changed_on

),

running as (

    select
        project_id,
        changed_on,
        sum(planned_effort) over by_project as planned_effort,
        sum(completed_effort) over by_project as completed_effort,
        lead(changed_on) over by_project as next_change_on
    from changes_by_day
    window by_project as (partition by project_id order by changed_on)

)

select
    running.project_id,
    running.changed_on as stands_from,
    coalesce(running.next_change_on, date '9999-12-31') as stands_until,
    running.planned_effort,
    running.completed_effort,
    projects.active_from,
    projects.active_until

from running

inner join projects
    on running.project_id = projects.project_id
