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
    orders_by_member.dimension,
    orders_by_member.member,
    count(*) as numerator,
    count(distinct orders_by_member.customer_id) as denominator

from orders_by_member

inner join {{ ref('period_days') }} as period_days
    on orders_by_member.ordered_on = period_days.date_day

group by
    period_days.period_grain,
    period_days.period_start,
    orders_by_member.dimension,
    orders_by_member.member
