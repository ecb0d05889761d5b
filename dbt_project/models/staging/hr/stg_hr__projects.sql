with current_rows as (

    {{ current_version('hr', 'projects') }}

),

projects as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- a project is a plan and may lie after as_of; what is completed after as_of is still going on
select
    project_id,
    department,
    manager_id,
    planned_start_on,
    planned_end_on,
    case when completed_on <= as_of then completed_on end as completed_on,
    case when completed_on > as_of then 'active' else status end as status,
    baseline_effort_hours

from projects
