-- One row per order, with its customer's segment and its place in the customer's history of completed orders.

with orders as (

    select * from {{ ref('stg_crm__orders') }}

),

customers as (

    select
        customer_id,
        segment
    from {{ ref('stg_crm__customers') }}

),

numbered as (

    select
        order_id,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number

    from orders

    where
        status = 'completed'
        and customer_id is not null

)

select
    orders.order_id,
    orders.customer_id,
    orders.rep_id,
    orders.ordered_at,
    orders.ordered_on,
    orders.status = 'completed' as is_completed,
    orders.status,
    orders.revenue,
    orders.cost,
    orders.channel,
    orders.region,
    orders.campaign,
    orders.sale_type,
    customers.segment,
    -- 1 for the customer's first completed order; empty for guests and for orders that were not completed
    numbered.order_number

from orders

left join customers
    on orders.customer_id = customers.customer_id

left join numbered
    on orders.order_id = numbered.order_id
