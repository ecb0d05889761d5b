-- One row per event, with the channel, country and device of the session that it belongs to.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

),

sessions as (

    select * from {{ ref('sessions') }}

)

select
    events.event_id,
    events.session_id,
    events.visitor_id,
    events.event_at,
    events.event_on,
    events.event_name,
    events.page,
    events.event_value,
    sessions.channel,
    sessions.campaign,
    sessions.country,
    sessions.device

from events

inner join sessions
    on events.session_id = sessions.session_id
