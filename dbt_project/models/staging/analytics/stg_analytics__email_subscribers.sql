with email_subscribers as (

    {{ known_rows('analytics', 'email_subscribers') }}

)

-- who leaves the list after as_of is still on it
select
    subscriber_id,
    list,
    {{ business_day('subscribed_at') }} as subscribed_on,
    case when {{ business_day('unsubscribed_at') }} <= as_of then {{ business_day('unsubscribed_at') }} end
        as unsubscribed_on

from email_subscribers
