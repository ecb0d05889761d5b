-- One row per employee who counts in the headcount, in the department of today. Contractors stay out; an empty
-- employment type is no contractor.

select
    employee_id,
    hired_on,
    left_on,
    leaving_reason,
    department,
    team,
    recruitment_source,
    employment_type

from {{ ref('stg_hr__employees') }}

where
    coalesce(employment_type, '') <> 'contractor'
    and department_until is null
