with orders as (

    select
        ordered_on,
        customer_id,
        segment

    from {{ ref('orders') }}

    -- completed, and not a guest's
    where order_number is not null

),

orders_by_member as (

    {{ by_member('orders', ['segment'], day='ordered_on', size='count(distinct customer_id)') }}

)

select
    period_days.period_grain,
    period_days.period_start,
    orders.dimension,
    orders.member,
    count(*) as numerator,
    count(distinct orders.customer_id) as denominator

from orders_by_member as orders

inner join {{ ref('period_days') }} as period_days
    on orders.ordered_on = period_days.date_day

group by all
