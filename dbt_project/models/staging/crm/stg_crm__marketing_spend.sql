with marketing_spend as (

    {{ known_rows('crm', 'marketing_spend') }}

)

select
    date as spent_on,
    category,
    channel,
    campaign,
    amount

from marketing_spend
