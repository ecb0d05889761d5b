-- One row per email that reached its recipient: a campaign, a recipient and a day of delivery, however often either of
-- them tried on it. A newsletter may bear one name every week. What became of an email counts by the day it was
-- delivered; who opens what was never delivered is in no row.

with events as (

    select * from {{ ref('stg_analytics__email_events') }}

),

emails as (

    select distinct
        campaign,
        recipient_id,
        event_on as delivered_on
    from events
    where event_type = 'delivered'

),

with_next as (

    select
        *,
        row_number() over of_recipient as email_number,
        lead(delivered_on) over of_recipient as next_delivered_on
    from emails
    window of_recipient as (partition by campaign, recipient_id order by delivered_on)

)

select
    emails.campaign,
    emails.recipient_id,
    emails.delivered_on,
    count_if(events.event_type = 'open') > 0 as is_opened,
    count_if(events.event_type = 'click') > 0 as is_clicked

from with_next as emails

-- an open is one of the latest delivery before it; what came before the first is of the first
left join events
    on emails.campaign = events.campaign
    and emails.recipient_id = events.recipient_id
    and (emails.email_number = 1 or emails.delivered_on <= events.event_on)
    and (emails.next_delivered_on is null or emails.next_delivered_on > events.event_on)

group by
    emails.campaign,
    emails.recipient_id,
    emails.delivered_on
