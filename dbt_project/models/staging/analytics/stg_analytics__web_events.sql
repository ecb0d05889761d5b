with events as (

    {{ known_rows('analytics', 'web_events') }}

)

select
    event_id,
    session_id,
    visitor_id,
    event_at,
    {{ business_day('event_at') }} as event_on,
    event_name,
    page,
    source,
    medium,
    channel,
    campaign,
    keyword,
    country,
    device,
    engagement_seconds,
    event_value

from events
