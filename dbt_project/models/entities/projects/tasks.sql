-- One row per task. Some are due after as_of: a task is a plan.

with tasks as (

    select * from {{ ref('stg_hr__tasks') }}

)

select
    task_id,
    project_id,
    assignee_id,
    due_on,
    completed_on,
    planned_effort_hours

from tasks
