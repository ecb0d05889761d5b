with accepted_changes as (

    select
        period_days.period_grain,
        period_days.period_start,
        scope_changes.project_id,
        sum(scope_changes.effort_hours) as accepted_effort

    from {{ ref('scope_changes') }} as scope_changes

    inner join {{ ref('period_days') }} as period_days
        on scope_changes.decided_on = period_days.date_day

    where scope_changes.is_accepted

    group by all

),

projects_under_way as (

    select
        periods.period_grain,
        periods.period_start,
        projects.project_id as project,
        projects.baseline_effort_hours as baseline_effort,
        coalesce(accepted_changes.accepted_effort, 0) as accepted_effort

    from {{ ref('periods') }} as periods

    inner join {{ ref('projects') }} as projects
        on periods.measured_on >= projects.active_from
        and periods.period_start < projects.active_until

    left join accepted_changes
        on periods.period_grain = accepted_changes.period_grain
        and periods.period_start = accepted_changes.period_start
        and projects.project_id = accepted_changes.project_id

    -- a project whose effort was never estimated has nothing to compare with
    where projects.baseline_effort_hours is not null

),

projects_by_member as (

    {{ by_member('projects_under_way', ['project'], day='period_start', size='max(baseline_effort)') }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(accepted_effort) as numerator,
    sum(baseline_effort) as denominator

from projects_by_member

group by all
