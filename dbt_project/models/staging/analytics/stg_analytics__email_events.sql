with email_events as (

    {{ current_version('analytics', 'email_events') }}

)

select
    event_id,
    campaign,
    recipient_id,
    event_type,
    event_at,
    {{ business_day('event_at') }} as event_on

from email_events

where {{ business_day('event_at') }} <= (select as_of from {{ source('settings', 'run') }})
