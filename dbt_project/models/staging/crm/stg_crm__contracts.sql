with current_rows as (

    {{ current_version('crm', 'contracts') }}

),

contracts as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- a contract is a plan and may start or end after as_of; a renewal after as_of has not happened yet
select
    contract_id,
    customer_id,
    starts_on,
    ends_on,
    annual_value,
    case when renewed_on <= as_of then renewed_on end as renewed_on

from contracts
