with rep_orders as (

    select
        orders.ordered_on,
        orders.rep_id as rep,
        sales_reps.team,
        orders.revenue,
        orders.cost

    from {{ ref('orders') }} as orders

    left join {{ ref('sales_reps') }} as sales_reps
        on orders.rep_id = sales_reps.rep

    -- what an order of unknown cost earned is unknown too
    where
        orders.is_completed
        and orders.rep_id is not null
        and orders.cost is not null

),

orders_by_member as (

    {{ by_member('rep_orders', ['rep', 'team'], day='ordered_on', size='sum(revenue)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(revenue) - sum(cost) as numerator,
        sum(revenue) as denominator

    from orders_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
