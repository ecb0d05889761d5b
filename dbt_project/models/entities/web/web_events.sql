-- One row per event, with the channel, country and device of the session that it belongs to; one that belongs to none
-- (sent by a server) has its own.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

),

sessions as (

    select * from {{ ref('sessions') }}

),

traffic_sources as (

    select * from {{ ref('traffic_sources') }}

),

timed_events as (

    select
        *,
        -- empty for the last page view of a session: nobody knows how long that page was looked at
        case
            when event_name = 'page_view' and session_id is not null
                then lead(event_at) over (
                    partition by session_id, event_name
                    order by event_at, event_id
                )
        end as next_page_view_at

    from events

)

select
    timed_events.event_id,
    timed_events.session_id,
    timed_events.visitor_id,
    timed_events.event_at,
    timed_events.event_on,
    timed_events.event_name,
    timed_events.page,
    timed_events.event_value,
    {{ dbt.datediff('timed_events.event_at', 'timed_events.next_page_view_at', 'second') }}
        as seconds_on_page,
    case
        when timed_events.session_id is null then coalesce(timed_events.channel, traffic_sources.channel)
        else sessions.channel
    end as channel,
    case when timed_events.session_id is null then timed_events.campaign else sessions.campaign end as campaign,
    case when timed_events.session_id is null then timed_events.country else sessions.country end as country,
    case when timed_events.session_id is null then timed_events.device else sessions.device end as device

from timed_events

left join sessions
    on timed_events.session_id = sessions.session_id

left join traffic_sources
    on timed_events.session_id is null
    and timed_events.source is not distinct from traffic_sources.source
    and timed_events.medium is not distinct from traffic_sources.medium
