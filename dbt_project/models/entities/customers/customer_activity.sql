-- One row per moment at which somebody was won as a customer, or once more: orders, won deals, subscription starts.

with completed_orders as (

    select
        customer_id,
        ordered_on as active_on,
        'order' as activity
    from {{ ref('orders') }}
    where
        is_completed
        and customer_id is not null

),

won_opportunities as (

    select
        customer_id,
        closed_on as active_on,
        'won_opportunity' as activity
    from {{ ref('stg_crm__opportunities') }}
    where
        outcome = 'won'
        and closed_on is not null
        and customer_id is not null

),

subscription_starts as (

    select
        customer_id,
        started_on as active_on,
        'subscription' as activity
    from {{ ref('stg_crm__subscriptions') }}
    -- a subscription that ended before it began never ran
    where
        (ended_on is null or ended_on > started_on)
        -- a new price of a running subscription is no new beginning
        and is_first_price

)

select * from completed_orders

union all

select * from won_opportunities

union all

select * from subscription_starts
