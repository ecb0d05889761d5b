-- One row per day and segment: what active customers brought in, by orders and by running subscriptions. In a company
-- with subscriptions, the orders of people who have none are nobody's earnings here.

with subscription_amounts as (

    select
        active_on as earned_on,
        segment,
        day_amount as amount
    from {{ ref('subscription_days') }}

),

order_amounts as (

    select
        orders.ordered_on as earned_on,
        orders.segment,
        orders.revenue as amount

    from {{ ref('orders') }} as orders

    inner join {{ ref('customer_spans') }} as spans
        on orders.customer_id = spans.customer_id
        and orders.ordered_on >= spans.active_from
        and orders.ordered_on < spans.active_until

    where orders.is_completed

),

amounts as (

    select * from subscription_amounts

    union all

    select * from order_amounts

)

select
    earned_on,
    segment,
    sum(amount) as amount

from amounts

group by
    earned_on,
    segment
