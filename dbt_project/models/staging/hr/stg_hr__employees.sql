with employees as (

    {{ known_rows('hr', 'employees') }}

)

-- left_on is the last day employed; a leaving after as_of has not happened yet
select
    employee_id,
    hired_on,
    case when left_on <= as_of then left_on end as left_on,
    case when left_on <= as_of then leaving_reason end as leaving_reason,
    department,
    team,
    recruitment_source,
    employment_type

from employees
