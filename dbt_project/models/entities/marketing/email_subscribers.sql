-- One row per subscriber and list.

select
    subscriber_id,
    list,
    subscribed_on,
    -- who left before subscribing came back: the leaving is that of an earlier time on the list
    case when unsubscribed_on >= subscribed_on then unsubscribed_on end as unsubscribed_on

from {{ ref('stg_analytics__email_subscribers') }}
