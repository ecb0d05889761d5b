with orders as (

    select
        orders.ordered_on,
        orders.customer_id,
        orders.segment,
        customers.first_ordered_on

    from {{ ref('orders') }} as orders

    inner join {{ ref('customers') }} as customers
        on orders.customer_id = customers.customer_id

    where orders.is_completed

),

orders_by_member as (

    {{ by_member('orders', ['segment'], day='ordered_on', size='count(distinct customer_id)') }}

)

select
    period_days.period_grain,
    period_days.period_start,
    orders.dimension,
    orders.member,
    count(distinct orders.customer_id) as numerator,
    cast(null as bigint) as denominator

from orders_by_member as orders

inner join {{ ref('period_days') }} as period_days
    on orders.ordered_on = period_days.date_day

where orders.first_ordered_on < period_days.period_start

group by all
