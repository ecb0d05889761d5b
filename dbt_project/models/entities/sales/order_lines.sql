-- One row per line of an order, with its order's day. A line whose order is not known waits for it.

with order_lines as (

    select * from {{ ref('stg_crm__order_lines') }}

),

orders as (

    select * from {{ ref('orders') }}

)

select
    order_lines.order_line_id,
    order_lines.order_id,
    order_lines.product_id,
    order_lines.product_category,
    order_lines.quantity,
    -- of an order that came back as a whole all units did, where its lines do not say; elsewhere none
    case
        when order_lines.quantity_returned is null and orders.status = 'returned' then order_lines.quantity
        else coalesce(order_lines.quantity_returned, 0)
    end as quantity_returned,
    order_lines.revenue,
    orders.ordered_on,
    orders.status,
    orders.is_completed,
    orders.channel,
    orders.region,
    orders.rep_id

from order_lines

inner join orders
    on order_lines.order_id = orders.order_id
