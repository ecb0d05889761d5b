-- One row per entry of a work log: hours worked and what they produced.

with work_logs as (

    select * from {{ ref('stg_hr__work_logs') }}

),

-- contractors too: what they produce in the hours they log is work like any other
employees as (

    select
        employee_id,
        department,
        team
    from {{ ref('stg_hr__employees') }}

)

select
    work_logs.log_id,
    work_logs.employee_id,
    work_logs.worked_on,
    work_logs.hours,
    work_logs.output_units,
    -- the department that the log names did the work, wherever its author is employed
    coalesce(work_logs.department, employees.department) as department,
    employees.team,
    -- hours do not tell how many people logged them, so who counts them must ask
    run.minimum_group_size

from work_logs

cross join {{ source('settings', 'run') }} as run

left join employees
    on work_logs.employee_id = employees.employee_id
