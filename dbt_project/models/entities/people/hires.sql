-- One row per hire who can be judged: the day on which hire_success_months have passed has come.

with employees as (

    select * from {{ ref('employees') }}

),

performance_reviews as (

    select * from {{ ref('stg_hr__performance_reviews') }}

),

due as (

    select
        employees.employee_id,
        employees.hired_on,
        employees.left_on,
        employees.department,
        employees.recruitment_source,
        cast({{ dbt.dateadd('month', '(run.hire_success_months)', 'employees.hired_on') }} as date) as due_on,
        run.as_of

    from employees

    cross join {{ source('settings', 'run') }} as run

),

-- reviews after the due day come too late, so that a hire once judged stays judged
praised as (

    select distinct due.employee_id

    from due

    inner join performance_reviews
        on due.employee_id = performance_reviews.employee_id
        and due.due_on >= performance_reviews.reviewed_on

    where performance_reviews.is_successful

)

select
    due.employee_id,
    due.hired_on,
    due.due_on,
    due.department,
    due.recruitment_source,
    -- left_on is the last day employed: who leaves on the due day has made it
    coalesce(due.left_on >= due.due_on, true) or praised.employee_id is not null as is_successful

from due

left join praised
    on due.employee_id = praised.employee_id

where due.due_on <= due.as_of
