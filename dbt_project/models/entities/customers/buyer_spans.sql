-- One row per customer and span of days from an order to the next: whose customer it is, the rep's of the latest order.

with days_with_orders as (

    select
        customer_id,
        rep_id as rep,
        ordered_on,
        lead(ordered_on) over (partition by customer_id order by order_number) as next_ordered_on

    from {{ ref('orders') }}

    where order_number is not null

)

select
    customer_id,
    rep,
    ordered_on as buyer_from,
    coalesce(next_ordered_on, date '9999-12-31') as buyer_until

from days_with_orders

-- of several orders of a day the last one counts
where
    next_ordered_on is null
    or next_ordered_on > ordered_on
