with orders as (

    {{ current_version('crm', 'orders') }}

)

select
    order_id,
    customer_id,
    rep_id,
    ordered_at,
    {{ business_day('ordered_at') }} as ordered_on,
    status,
    revenue,
    cost,
    discount,
    channel,
    region,
    campaign,
    sale_type

from orders

where {{ business_day('ordered_at') }} <= (select as_of from {{ source('settings', 'run') }})
