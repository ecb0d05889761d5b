-- One row per email that reached its recipient: a campaign, a recipient and a day of delivery, however often either of
-- them tried on it. A newsletter may bear one name every week. What became of an email counts by the day it was
-- delivered; who opens what was never delivered is in no row.

with events as (

    select
        campaign,
        recipient_id,
        event_type,
        -- an open is one of the latest delivery before it; what came before the first is of the first
        coalesce(
            max(case when event_type = 'delivered' then event_on end) over (
                partition by campaign, recipient_id order by event_on
            ),
            min(case when event_type = 'delivered' then event_on end) over (partition by campaign, recipient_id)
        ) as delivered_on
    from {{ ref('stg_analytics__email_events') }}

)

select
    campaign,
    recipient_id,
    delivered_on,
    count_if(event_type = 'open') > 0 as is_opened,
    count_if(event_type = 'click') > 0 as is_clicked

from events

where delivered_on is not null

group by
    campaign,
    recipient_id,
    delivered_on
