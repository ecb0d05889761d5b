with marketing_spend as (

    {{ current_version('crm', 'marketing_spend') }}

)

select
    date as spent_on,
    category,
    channel,
    campaign,
    amount

from marketing_spend

where date <= (select as_of from {{ source('settings', 'run') }})
