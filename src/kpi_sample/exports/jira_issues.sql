-- Projects are epics, tasks are stories below them; estimates are seconds.
with issues as (
    select
        project_id as issue_key,
        'Epic' as issue_type,
        null as parent_key,
        manager_id as assignee_id,
        department,
        planned_start_on as starts_on,
        planned_end_on as due_on,
        completed_on,
        case status when 'completed' then 'Done' when 'cancelled' then 'Won''t Do' end as resolution,
        case status
            when 'planned' then 'To Do'
            when 'active' then 'In Progress'
            else 'Done'
        end as status_category,
        null as estimate,
        cast(baseline_effort_hours * 3600 as bigint) as whole_estimate
    from rows

    union all

    select
        task_id as issue_key,
        'Story' as issue_type,
        project_id as parent_key,
        assignee_id,
        null as department,
        null as starts_on,
        due_on,
        completed_on,
        case when completed_on is not null then 'Done' end as resolution,
        case when completed_on is not null then 'Done' else 'In Progress' end as status_category,
        cast(planned_effort_hours * 3600 as bigint) as estimate,
        null as whole_estimate
    from tasks
)

select
    'Issue ' || issue_key as "Summary",
    issue_key as "Issue key",
    issue_type as "Issue Type",
    status_category as "Status",
    'SARV' as "Project key",
    'Sarv' as "Project name",
    'software' as "Project type",
    'Medium' as "Priority",
    resolution as "Resolution",
    assignee_id as "Assignee Id",
    strftime(completed_on, '%d/%b/%y 4:05 PM') as "Resolved",
    strftime(due_on, '%d/%b/%y 12:00 AM') as "Due date",
    estimate as "Original estimate",
    whole_estimate as "Σ Original Estimate",
    strftime(starts_on, '%d/%b/%y 12:00 AM') as "Custom field (Start date)",
    department as "Custom field (Department)",
    parent_key as "Parent key",
    status_category as "Status Category"
from issues
order by coalesce(parent_key, issue_key), parent_key nulls first, issue_key
