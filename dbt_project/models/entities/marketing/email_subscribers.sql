-- One row per subscriber, list and stay on it: who comes back has one more.

select
    subscriber_id,
    list,
    subscribed_at,
    subscribed_on,
    unsubscribed_on

from {{ ref('stg_analytics__email_subscribers') }}
