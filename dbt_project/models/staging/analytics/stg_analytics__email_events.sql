with email_events as (

    {{ known_rows('analytics', 'email_events') }}

)

select
    event_id,
    campaign,
    recipient_id,
    event_type,
    event_at,
    {{ business_day('event_at') }} as event_on

from email_events
