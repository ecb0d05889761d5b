-- One row per message or comment that people sent us, with the day of our first answer.

select
    message_id,
    network,
    profile,
    kind,
    received_on,
    responded_on

from {{ ref('stg_analytics__social_messages') }}
