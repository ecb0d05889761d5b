with current_rows as (

    {{ current_version('analytics', 'email_subscribers') }}

),

email_subscribers as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- who leaves the list after as_of is still on it
select
    subscriber_id,
    list,
    {{ business_day('subscribed_at') }} as subscribed_on,
    case when {{ business_day('unsubscribed_at') }} <= as_of then {{ business_day('unsubscribed_at') }} end
        as unsubscribed_on

from email_subscribers

where {{ business_day('subscribed_at') }} <= as_of
