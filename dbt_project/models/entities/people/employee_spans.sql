-- One row per employee of the headcount and span of days in one place: in the headcount after each day from active_from
-- up to the day before active_until. Left_on is the last day employed, so that the headcount after it is without them.

with staff as (

    select * from {{ ref('stg_hr__employees') }}

    where coalesce(employment_type, '') <> 'contractor'

)

select
    employee_id,
    case when department_from > hired_on then department_from else hired_on end as active_from,
    case
        when department_until < coalesce(left_on, date '9999-12-31') then department_until else left_on
    end as active_until,
    left_on,
    leaving_reason,
    department,
    team

from staff

where
    coalesce(department_until, date '9999-12-31') > hired_on
    -- a place after the last day is none; who left on the first day has one place all the same
    and (
        coalesce(department_from, date '0001-01-01') <= hired_on
        or department_from < coalesce(left_on, date '9999-12-31')
    )
