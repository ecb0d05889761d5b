select
    lower(subscriber_id) || '@mail.example' as "Email Address",
    null as "First Name",
    null as "Last Name",
    2 as "MEMBER_RATING",
    strftime(subscribed_at, '%Y-%m-%d %H:%M:%S') as "OPTIN_TIME",
    strftime(subscribed_at, '%Y-%m-%d %H:%M:%S') as "CONFIRM_TIME",
    strftime(unsubscribed_at, '%Y-%m-%d %H:%M:%S') as "UNSUB_TIME",
    'NORMAL' as "UNSUB_REASON",
    strftime(unsubscribed_at, '%Y-%m-%d %H:%M:%S') as "LAST_CHANGED",
    subscriber_id as "EUID",
    null as "TAGS"
from rows
order by unsubscribed_at, subscriber_id
