-- One row per event, with the channel, country and device of the session that it belongs to.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

),

sessions as (

    select * from {{ ref('sessions') }}

),

timed_events as (

    select
        *,
        -- empty for the last page view of a session: nobody knows how long that page was looked at
        case
            when event_name = 'page_view'
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
    sessions.channel,
    sessions.campaign,
    sessions.country,
    sessions.device

from timed_events

inner join sessions
    on timed_events.session_id = sessions.session_id
