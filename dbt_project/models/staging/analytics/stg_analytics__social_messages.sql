with current_rows as (

    {{ current_version('analytics', 'social_messages') }}

),

social_messages as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

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

where {{ business_day('received_at') }} <= as_of
