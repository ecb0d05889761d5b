-- a project whose effort was never estimated has nothing to compare with
with projects_under_way as (

    select
        periods.period_grain,
        periods.period_start,
        projects.project_id as project,
        projects.baseline_effort_hours as baseline_effort,
        0 as accepted_effort

    from {{ ref('periods') }} as periods

    inner join {{ ref('projects') }} as projects
        on periods.measured_on >= projects.active_from
        and periods.period_start < projects.active_until

    where projects.baseline_effort_hours is not null

),

accepted_changes as (

    select
        projects_under_way.period_grain,
        projects_under_way.period_start,
        projects_under_way.project,
        0 as baseline_effort,
        scope_changes.effort_hours as accepted_effort

    from {{ ref('scope_changes') }} as scope_changes

    inner join {{ ref('period_days') }} as period_days
        on scope_changes.decided_on = period_days.date_day

    inner join projects_under_way
        on period_days.period_grain = projects_under_way.period_grain
        and period_days.period_start = projects_under_way.period_start
        and scope_changes.project_id = projects_under_way.project

    where scope_changes.is_accepted

),

efforts as (

    select * from projects_under_way

    union all

    select * from accepted_changes

),

efforts_by_member as (

    {{ by_member('efforts', ['project'], day='period_start', size='max(baseline_effort)') }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(accepted_effort) as numerator,
    sum(baseline_effort) as denominator

from efforts_by_member

group by
    period_grain,
    period_start,
    dimension,
    member
