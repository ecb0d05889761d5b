with work_logs as (

    {{ current_version('hr', 'work_logs') }}

)

select
    log_id,
    employee_id,
    worked_on,
    hours,
    output_units,
    department

from work_logs

where worked_on <= (select as_of from {{ source('settings', 'run') }})
