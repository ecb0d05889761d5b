with project_costs as (

    select
        counted_on,
        department,
        manager_id as manager,
        planned_cost,
        actual_cost

    from {{ ref('project_costs') }}

),

project_costs_by_member as (

    {{ by_member('project_costs', ['department', 'manager'], day='counted_on', size='sum(planned_cost)') }}

),

daily as (

    select
        counted_on as date_day,
        dimension,
        member,
        sum(actual_cost - planned_cost) as numerator,
        sum(planned_cost) as denominator

    from project_costs_by_member

    group by
        counted_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
