-- One row per visitor, day and way of being there: what every count of active visitors counts.

with events as (

    select * from {{ ref('web_events') }}

)

select
    event_on as active_on,
    visitor_id,
    channel,
    campaign,
    country,
    device,
    -- the visitor's first day ever, whatever the channel
    min(event_on) over (partition by visitor_id) as first_active_on,
    max(case when event_name = 'purchase' then 1 else 0 end) = 1 as has_purchase,
    max(case when event_name in ('generate_lead', 'contact_form_submit') then 1 else 0 end) = 1 as has_lead

from events

group by
    event_on,
    visitor_id,
    channel,
    campaign,
    country,
    device
