-- One row per subscription and price: a tool that overwrites the price has told the old one in its earlier exports, and
-- those days keep it.

with subscriptions as (

    {{ known_rows('crm', 'subscriptions') }}

),

prices as (

    {{ versions_of('crm', 'subscriptions', of=['plan', 'monthly_amount']) }}

),

priced as (

    select
        subscriptions.subscription_id,
        subscriptions.customer_id,
        prices.plan,
        subscriptions.started_on >= prices.valid_from as is_first_price,
        case when prices.valid_from > subscriptions.started_on then prices.valid_from else subscriptions.started_on end
            as started_on,
        case
            when prices.valid_until < coalesce(subscriptions.ended_on, date '9999-12-31') then prices.valid_until
            else subscriptions.ended_on
        end as ended_on,
        prices.monthly_amount,
        subscriptions.as_of

    from subscriptions

    inner join prices
        on subscriptions.subscription_id = prices.subscription_id
        and prices.valid_from < prices.valid_until
        and subscriptions.started_on < prices.valid_until
        and (
            subscriptions.started_on >= prices.valid_from
            or prices.valid_from < coalesce(subscriptions.ended_on, date '9999-12-31')
        )

)

-- ended_on is the first day without the subscription, or with another price; one after as_of has not happened yet
select
    subscription_id,
    customer_id,
    plan,
    started_on,
    case when ended_on <= as_of then ended_on end as ended_on,
    monthly_amount,
    is_first_price

from priced

where started_on <= as_of
