-- One row per contract. Some fall due after as_of: a contract is a plan.

with contracts as (

    select * from {{ ref('stg_crm__contracts') }}

),

customers as (

    select
        customer_id,
        segment
    from {{ ref('stg_crm__customers') }}

)

select
    contracts.contract_id,
    contracts.customer_id,
    customers.segment,
    contracts.starts_on,
    contracts.ends_on as due_on,
    contracts.annual_value,
    contracts.renewed_on,
    contracts.renewed_on is not null as is_renewed

from contracts

left join customers
    on contracts.customer_id = customers.customer_id
