with project_costs as (

    {{ current_version('hr', 'project_costs') }}

)

select
    project_id,
    month as costed_on,
    planned_cost,
    actual_cost

from project_costs

where month <= (select as_of from {{ source('settings', 'run') }})
