with current_rows as (

    {{ current_version('hr', 'tasks') }}

),

tasks as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- a task is a plan and may be due after as_of; what is completed after as_of is still to do
select
    task_id,
    project_id,
    assignee_id,
    due_on,
    case when completed_on <= as_of then completed_on end as completed_on,
    planned_effort_hours

from tasks
