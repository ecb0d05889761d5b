-- One row per event that counts as a conversion of the web site.

with events as (

    select * from {{ ref('web_events') }}

),

conversion_events as (

    select distinct event_name
    from {{ source('settings', 'conversion_events') }}

)

select
    events.event_id,
    events.session_id,
    events.visitor_id,
    events.event_on,
    events.event_name as conversion_event,
    events.event_value,
    events.channel,
    events.campaign,
    events.device

from events

inner join conversion_events
    on events.event_name = conversion_events.event_name
