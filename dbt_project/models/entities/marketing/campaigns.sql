-- One row per campaign, known to the CRM or only by what was spent on it.

with campaigns as (

    -- one that the CRM spells in two ways is one, from its first beginning to its last end
    select
        campaign,
        case when count(distinct channel) = 1 then max(channel) end as channel,
        min(started_on) as started_on,
        max(ended_on) as ended_on

    from {{ ref('stg_crm__campaigns') }}

    group by campaign

),

-- ad accounts run campaigns that the CRM never hears of: their channel is the one they are paid under, if it is one
paid_campaigns as (

    select
        campaign,
        case when count(distinct channel) = 1 and count(channel) = count(*) then max(channel) end as channel
    from {{ ref('marketing_spend') }}
    where
        campaign is not null
        and campaign not in (select campaign from campaigns)
    group by campaign

)

select
    campaigns.campaign,
    campaigns.channel,
    campaigns.started_on,
    -- the end of a running campaign is a plan
    case when campaigns.ended_on <= run.as_of then campaigns.ended_on end as ended_on

from campaigns

cross join {{ source('settings', 'run') }} as run

union all

select
    campaign,
    channel,
    cast(null as date) as started_on,
    cast(null as date) as ended_on

from paid_campaigns
