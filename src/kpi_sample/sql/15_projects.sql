-- Projects: planned, costed, cut into tasks, and changed on the way. Like the staff, they do not grow with the rows.

create table draft.projects as
with projects as (
    select
        number,
        dice('project', number) as bits,
        any_of(
            ['Operations', 'Operations', 'فنی', 'فنی', 'Product & IT', 'Product & IT', 'Marketing', 'Sales'],
            roll('project department', number)
        ) as department,
        -- from half a year before the first day to two months after the last
        start_on() - 180 + cast(floor(
            (as_of() - start_on() + 240) * (number + roll('project start', number)) / 64
        ) as integer) as planned_start_on
    from (select unnest(range(64)) as number) as numbers
),

planned as (
    select
        *,
        planned_start_on + 45 + cast(floor(170 * part(bits, 0)) as integer) as planned_end_on,
        18 + cast(floor(24 * part(bits, 1)) as integer) as task_count
    from projects
),

ended as (
    select
        *,
        -- two in three end in time; who is late is late by up to seven weeks
        case
            when part(bits, 2) < 0.66 then planned_end_on - cast(floor(12 * part(bits, 3)) as integer)
            else planned_end_on + 3 + cast(floor(46 * part(bits, 3)) as integer)
        end as will_end_on,
        roll('project cancelled', number) < 0.06 as is_cancelled
    from planned
)

select
    'PRJ' || lpad(cast(number + 1 as varchar), 3, '0') as project_id,
    number,
    department,
    planned_start_on,
    planned_end_on,
    will_end_on,
    task_count,
    is_cancelled,
    case
        when is_cancelled and planned_start_on + 40 <= as_of() then planned_start_on + 40
        when not is_cancelled and will_end_on <= as_of() then will_end_on
        else as_of()
    end as worked_until,
    case
        when is_cancelled and planned_start_on + 40 <= as_of() then 'cancelled'
        when not is_cancelled and will_end_on <= as_of() then 'completed'
        when planned_start_on > as_of() then 'planned'
        else 'active'
    end as status
from ended;

-- Tasks follow one another; a late project has late tasks, and one task in nine slips in any case.
create table draft.tasks as
with numbered as (
    select
        *,
        unnest(range(1, task_count + 1)) as task_number
    from draft.projects
),

drawn as (
    select
        *,
        project_id || '-' || lpad(cast(task_number as varchar), 2, '0') as task_id,
        dice('task', project_id || '-' || task_number) as bits,
        planned_start_on
        + cast(round((planned_end_on - planned_start_on) * task_number / task_count) as integer) as due_on
    from numbered
),

done as (
    select
        *,
        least(
            will_end_on,
            due_on
            + case
                when part(bits, 0) < 0.11 then 6 + cast(floor(30 * part(bits, 1)) as integer)
                else cast(floor(-6 * part(bits, 1)) as integer)
            end
            + cast(round(greatest(will_end_on - planned_end_on, 0) * task_number / task_count) as integer)
        ) as will_be_done_on,
        4 + 4 * cast(floor(14 * part(bits, 2)) as integer) as planned_effort_hours
    from drawn
)

select
    task_id,
    project_id,
    department,
    due_on,
    planned_effort_hours,
    bits,
    case
        when will_be_done_on <= worked_until then greatest(will_be_done_on, planned_start_on)
        -- whatever is open when a project is closed is closed with it
        when status = 'completed' then worked_until
    end as completed_on
from done;

insert into tasks by name
with colleagues as (
    select
        tasks.task_id,
        -- somebody of the department who is there when the task is due
        any_of(list(staff.employee_id order by staff.employee_id), part(any_value(tasks.bits), 3)) as assignee_id
    from draft.tasks as tasks
    inner join draft.staff as staff
        on tasks.department = staff.department
        and least(tasks.due_on, as_of()) between staff.hired_on and coalesce(staff.left_on, date '9999-12-31')
    group by tasks.task_id
)

select
    tasks.task_id,
    tasks.project_id,
    colleagues.assignee_id,
    tasks.due_on,
    tasks.completed_on,
    tasks.planned_effort_hours
from draft.tasks as tasks
left join colleagues
    on tasks.task_id = colleagues.task_id;

create table draft.efforts as
select
    project_id,
    sum(planned_effort_hours) as hours
from draft.tasks
group by project_id;

insert into projects by name
with managers as (
    select
        projects.project_id,
        any_of(list(staff.employee_id order by staff.employee_id), roll('manager', projects.project_id)) as manager_id
    from draft.projects as projects
    inner join draft.staff as staff
        on projects.department = staff.department
        -- the first three seats of a team lead projects
        and staff.number_in_team <= 3
        and least(projects.planned_start_on, as_of()) >= staff.hired_on
        and least(projects.planned_start_on, as_of()) <= coalesce(staff.left_on, date '9999-12-31')
    group by projects.project_id
)

select
    projects.project_id,
    projects.department,
    managers.manager_id,
    projects.planned_start_on,
    projects.planned_end_on,
    case when projects.status = 'completed' then projects.will_end_on end as completed_on,
    projects.status,
    efforts.hours as baseline_effort_hours
from draft.projects as projects
inner join draft.efforts as efforts
    on projects.project_id = efforts.project_id
left join managers
    on projects.project_id = managers.project_id;

-- Costs of the months so far: hours at 38 an hour, evenly over the plan, and somewhat more than planned in the end.
insert into project_costs by name
with months as (
    select
        project_id,
        planned_start_on,
        planned_end_on,
        worked_until,
        unnest(range(
            date_trunc('month', planned_start_on), least(greatest(planned_end_on, will_end_on), worked_until) + 1,
            interval 1 month
        ))::date as month
    from draft.projects
    where planned_start_on <= as_of()
),

shared as (
    select
        months.*,
        -- days of the plan that fall into the month
        greatest(
            0,
            least(last_day(months.month), months.planned_end_on) - greatest(months.month, months.planned_start_on) + 1
        ) * 38.0 * efforts.hours / (months.planned_end_on - months.planned_start_on + 1) as planned,
        dice('project cost', months.project_id || months.month) as bits,
        0.92 + 0.3 * roll('project overruns', months.project_id) as overrun
    from months
    inner join draft.efforts as efforts
        on months.project_id = efforts.project_id
)

select
    project_id,
    month,
    round(planned, 2) as planned_cost,
    -- a late project costs money after its plan has ended
    round(
        case
            when planned > 0 then planned * overrun * (0.85 + 0.3 * part(bits, 0))
            else 400 + 1500 * part(bits, 1)
        end, 2
    ) as actual_cost
from shared;

insert into scope_changes by name
with changes as (
    select
        projects.project_id,
        projects.planned_start_on,
        projects.planned_end_on,
        projects.worked_until,
        efforts.hours,
        unnest(range(cast(floor(5 * roll('scope changes', projects.project_id)) as bigint))) as number
    from draft.projects as projects
    inner join draft.efforts as efforts
        on projects.project_id = efforts.project_id
),

drawn as (
    select
        *,
        dice('scope change', project_id || '-' || number) as bits,
        planned_start_on + cast(
            (planned_end_on - planned_start_on) * (0.1 + 0.8 * roll('scope change on', project_id || '-' || number))
            as integer
        ) as decided_on
    from changes
)

select
    project_id || '-SC' || (number + 1) as change_id,
    project_id,
    decided_on,
    case
        when part(bits, 0) < 0.58 then 'accepted'
        when part(bits, 0) < 0.88 then 'rejected'
        else 'pending'
    end as status,
    4 * (1 + cast(floor(hours * 0.09 * part(bits, 1) / 4) as integer)) as effort_hours
from drawn
where decided_on <= worked_until;
