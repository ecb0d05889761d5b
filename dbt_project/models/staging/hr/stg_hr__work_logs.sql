with work_logs as (

    {{ known_rows('hr', 'work_logs') }}

)

select
    log_id,
    employee_id,
    worked_on,
    hours,
    output_units,
    department

from work_logs
