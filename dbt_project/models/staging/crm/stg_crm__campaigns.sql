with campaigns as (

    {{ known_rows('crm', 'campaigns') }}

)

select
    campaign,
    channel,
    started_on,
    ended_on,
    budget

from campaigns
