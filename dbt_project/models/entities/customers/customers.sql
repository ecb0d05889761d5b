-- One row per customer, known to the CRM or only by what they bought.

with activity as (

    select * from {{ ref('customer_activity') }}

),

orders as (

    select * from {{ ref('orders') }}

),

crm_customers as (

    select * from {{ ref('stg_crm__customers') }}

),

known_customers as (

    select customer_id
    from crm_customers

    union

    select customer_id
    from activity

),

acquired as (

    select
        customer_id,
        min(active_on) as acquired_on
    from activity
    group by customer_id

),

first_orders as (

    select
        customer_id,
        min(case when order_number = 1 then ordered_on end) as first_ordered_on,
        min(case when order_number = 1 then channel end) as first_order_channel,
        max(order_number) as completed_orders
    from orders
    where order_number is not null
    group by customer_id

)

select
    known_customers.customer_id,
    crm_customers.segment,
    crm_customers.channel,
    crm_customers.country,
    coalesce(crm_customers.is_key_account, false) as is_key_account,
    -- first completed order, first won opportunity or first subscription, whichever came first
    acquired.acquired_on,
    first_orders.first_ordered_on,
    first_orders.first_order_channel,
    coalesce(first_orders.completed_orders, 0) as completed_orders

from known_customers

left join crm_customers
    on known_customers.customer_id = crm_customers.customer_id

left join acquired
    on known_customers.customer_id = acquired.customer_id

left join first_orders
    on known_customers.customer_id = first_orders.customer_id
