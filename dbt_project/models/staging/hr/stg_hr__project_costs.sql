with project_costs as (

    {{ known_rows('hr', 'project_costs') }}

)

select
    project_id,
    month as costed_on,
    planned_cost,
    actual_cost

from project_costs
