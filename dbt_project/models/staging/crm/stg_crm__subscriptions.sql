with subscriptions as (

    {{ current_version('crm', 'subscriptions') }}

),

run as (

    select as_of
    from {{ source('settings', 'run') }}

)

-- ended_on is the first day without the subscription; an end after as_of has not happened yet
select
    subscription_id,
    customer_id,
    plan,
    started_on,
    case when ended_on <= run.as_of then ended_on end as ended_on,
    monthly_amount

from subscriptions

cross join run

where started_on <= run.as_of
