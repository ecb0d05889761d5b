-- One row per email that reached its recipient: a campaign and a recipient, however often either of them tried.
-- What became of an email counts by the day it was delivered; who opens what was never delivered is in no row.

select
    campaign,
    recipient_id,
    min(case when event_type = 'delivered' then event_on end) as delivered_on,
    count_if(event_type = 'open') > 0 as is_opened,
    count_if(event_type = 'click') > 0 as is_clicked

from {{ ref('stg_analytics__email_events') }}

group by
    campaign,
    recipient_id

having count_if(event_type = 'delivered') > 0
