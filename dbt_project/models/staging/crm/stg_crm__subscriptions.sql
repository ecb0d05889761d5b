with current_rows as (

    {{ current_version('crm', 'subscriptions') }}

),

subscriptions as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- ended_on is the first day without the subscription; an end after as_of has not happened yet
select
    subscription_id,
    customer_id,
    plan,
    started_on,
    case when ended_on <= as_of then ended_on end as ended_on,
    monthly_amount

from subscriptions

where started_on <= as_of
