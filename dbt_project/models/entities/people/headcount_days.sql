-- One row per day and department of that day: the headcount after the day, which is the headcount before it, plus the
-- hires of the day, minus those whose last day it was. Built from the days on which it changes.

with employee_spans as (

    select * from {{ ref('employee_spans') }}

),

changes as (

    select
        active_from as changed_on,
        department,
        1 as headcount
    from employee_spans

    union all

    select
        active_until as changed_on,
        department,
        -1 as headcount
    from employee_spans
    where active_until is not null

),

changes_by_day as (

    select
        changed_on,
        department,
        sum(headcount) as headcount
    from changes
    group by changed_on, department

),

running as (

    select
        changed_on,
        department,
        sum(headcount) over by_department as headcount,
        lead(changed_on) over by_department as next_change_on
    from changes_by_day
    window by_department as (partition by department order by changed_on)

)

select
    calendar.date_day as active_on,
    running.department,
    running.headcount

from running

inner join {{ source('settings', 'calendar') }} as calendar
    on running.changed_on <= calendar.date_day
    and coalesce(running.next_change_on, date '9999-12-31') > calendar.date_day

where
    running.headcount <> 0
    and calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
