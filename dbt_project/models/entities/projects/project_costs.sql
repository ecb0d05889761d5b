-- One row per project and month: its cost, on the day on which it counts. The whole cost of a completed project counts
-- when it was completed; that of an open project in the month in which it arose, until then. So every cost counts once,
-- and days add up. What a cancelled project has cost is neither, and a cost whose project is not known waits for it.

with project_costs as (

    select * from {{ ref('stg_hr__project_costs') }}

),

projects as (

    select * from {{ ref('projects') }}

)

select
    project_costs.project_id,
    project_costs.costed_on,
    coalesce(projects.completed_on, project_costs.costed_on) as counted_on,
    projects.department,
    projects.manager_id,
    project_costs.planned_cost,
    project_costs.actual_cost

from project_costs

inner join projects
    on project_costs.project_id = projects.project_id

where not projects.is_cancelled
