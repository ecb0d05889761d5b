with sales_targets as (

    {{ current_version('crm', 'sales_targets') }}

)

-- a target is a plan and may lie after as_of
select
    period_start,
    period_end,
    rep_id,
    region,
    amount,
    forecast

from sales_targets
