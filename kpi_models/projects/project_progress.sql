with project_states as (

    select
        project_id as project,
        stands_from,
        stands_until,
        active_until,
        planned_effort,
        completed_effort

    from {{ ref('project_states') }}

),

project_states_by_member as (

    {{ by_member('project_states', ['project'], day='stands_from', size='max(planned_effort)') }}

)

select
    periods.period_grain,
    periods.period_start,
    project_states.dimension,
    project_states.member,
    sum(project_states.completed_effort) as numerator,
    sum(project_states.planned_effort) as denominator

from {{ ref('periods') }} as periods

-- where the projects stood at the end, of all that were under way: who was completed in the period is there once more
inner join project_states_by_member as project_states
    on periods.measured_on >= project_states.stands_from
    and periods.measured_on < project_states.stands_until
    and periods.period_start < project_states.active_until

group by all
