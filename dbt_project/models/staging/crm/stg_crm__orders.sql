with orders as (

    {{ known_rows('crm', 'orders') }}

)

select
    order_id,
    customer_id,
    rep_id,
    ordered_at,
    {{ business_day('ordered_at') }} as ordered_on,
    case when cancelled_on <= as_of then 'cancelled' else status end as status,
    revenue,
    cost,
    discount,
    channel,
    region,
    campaign,
    sale_type

from orders
