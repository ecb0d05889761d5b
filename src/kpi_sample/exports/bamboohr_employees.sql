-- The staff as it was a year before, in the tool of that time; the workbook is newer and is the whole staff.
with past_staff as (
    select
        * replace (
            case when left_on <= as_of() - 365 then left_on end as left_on,
            case when left_on <= as_of() - 365 then leaving_reason end as leaving_reason
        )
    from rows
    where hired_on <= as_of() - 365
)

select
    employee_id as "Employee #",
    'Employee ' || employee_id as "Last name, First name",
    hired_on as "Hire Date",
    coalesce(cast(left_on as varchar), '0000-00-00') as "Termination Date",
    case leaving_reason
        when 'voluntary' then 'Resignation (Voluntary)'
        when 'involuntary' then 'Termination (Involuntary)'
        when 'retirement' then 'Retirement'
        when 'other' then 'Relocation'
    end as "Termination Type",
    department as "Department",
    team as "Division",
    case
        when left_on is not null then 'Terminated'
        when employment_type = 'full_time' then 'Full-Time'
        when employment_type = 'part_time' then 'Part-Time'
        when employment_type = 'contractor' then 'Contractor'
    end as "Employment Status",
    case when left_on is null then 'Active' else 'Inactive' end as "Status"
from past_staff
order by employee_id
