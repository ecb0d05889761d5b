select
    campaign as campaign_id,
    '8e423a4179' as list_id,
    true as list_is_active,
    recipient_id as email_id,
    lower(recipient_id) || '@mail.example' as email_address,
    event_type as action,
    case event_type when 'bounce' then 'soft' end as type,
    strftime(event_at, '%Y-%m-%dT%H:%M:%S+00:00') as timestamp,
    case event_type when 'click' then 'https://sarvcafe.example/' end as url
from rows
order by event_at, campaign, recipient_id, event_type
