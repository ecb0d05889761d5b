with project_costs as (

    select
        counted_on as date_day,
        department,
        manager_id as manager,
        sum(actual_cost - planned_cost) as numerator,
        sum(planned_cost) as denominator

    from {{ ref('project_costs') }}

    group by all

)

{{ add_up('project_costs', ['department', 'manager']) }}
