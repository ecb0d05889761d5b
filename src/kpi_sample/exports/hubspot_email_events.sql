select
    event_id as id,
    epoch_ms(event_at) as created,
    case event_type
        when 'bounce' then 'BOUNCE'
        when 'click' then 'CLICK'
        when 'complaint' then 'SPAMREPORT'
        when 'delivered' then 'DELIVERED'
        when 'open' then 'OPEN'
        when 'unsubscribe' then 'STATUSCHANGE'
    end as type,
    recipient_id as recipient,
    62515 as "portalId",
    campaign as "emailCampaignId",
    case event_type when 'unsubscribe' then 'UNSUBSCRIBED' end as "portalSubscriptionStatus",
    case when event_type in ('open', 'click') then false end as "filteredEvent"
from rows
order by event_at, event_id
