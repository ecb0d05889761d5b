with campaigns as (

    {{ current_version('crm', 'campaigns') }}

)

select
    campaign,
    channel,
    started_on,
    ended_on,
    budget

from campaigns

where started_on <= (select as_of from {{ source('settings', 'run') }})
