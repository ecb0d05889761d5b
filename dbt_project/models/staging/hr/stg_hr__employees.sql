-- One row per employee and place (department and team): of the place there was before, the earlier exports of the staff
-- tell. The last one has no department_until.

with known_employees as (

    {{ known_rows('hr', 'employees') }}

),

-- A leaving after as_of has not happened yet; one before hired_on ended an earlier employment, which the export no
-- longer tells.
employees as (

    select
        *,
        coalesce(left_on between hired_on and as_of, false) as has_left
    from known_employees

),

places as (

    {{ spelled(
        'hr', 'employees', '(' ~ versions_of('hr', 'employees', of=['department', 'team']) ~ ')',
        also=['valid_from', 'valid_until']
    ) }}

)

select
    employees.employee_id,
    employees.hired_on,
    -- the last day employed
    case when employees.has_left then employees.left_on end as left_on,
    case when employees.has_left then employees.leaving_reason end as leaving_reason,
    places.department,
    places.team,
    places.valid_from as department_from,
    case when places.valid_until <= employees.as_of then places.valid_until end as department_until,
    employees.recruitment_source,
    employees.employment_type

from employees

inner join places
    on employees.employee_id = places.employee_id
    and places.valid_from < places.valid_until
    and employees.as_of >= places.valid_from
