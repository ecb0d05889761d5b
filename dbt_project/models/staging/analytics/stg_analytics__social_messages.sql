with social_messages as (

    {{ known_rows('analytics', 'social_messages') }}

)

-- an answer after as_of has not been given yet
select
    message_id,
    network,
    profile,
    kind,
    {{ business_day('received_at') }} as received_on,
    case when {{ business_day('responded_at') }} <= as_of then {{ business_day('responded_at') }} end
        as responded_on

from social_messages
