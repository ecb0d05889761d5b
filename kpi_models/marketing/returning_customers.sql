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
    orders_by_member.dimension,
    orders_by_member.member,
    count(distinct orders_by_member.customer_id) as numerator,
    cast(null as bigint) as denominator

from orders_by_member

inner join {{ ref('period_days') }} as period_days
    on orders_by_member.ordered_on = period_days.date_day

where orders_by_member.first_ordered_on < period_days.period_start

group by
    period_days.period_grain,
    period_days.period_start,
    orders_by_member.dimension,
    orders_by_member.member
