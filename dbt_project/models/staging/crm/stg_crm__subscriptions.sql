with subscriptions as (

    {{ known_rows('crm', 'subscriptions') }}

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
