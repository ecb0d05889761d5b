with project_costs as (

    {{ known_rows('hr', 'project_costs') }}

)

-- labour and material may have a row each
select
    project_id,
    month as costed_on,
    sum(planned_cost) as planned_cost,
    sum(actual_cost) as actual_cost

from project_costs

group by
    project_id,
    month
