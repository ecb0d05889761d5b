with rep_orders as (

    select
        orders.ordered_on as date_day,
        orders.rep_id as rep,
        sales_reps.team,
        sum(orders.revenue) - sum(orders.cost) as numerator,
        sum(orders.revenue) as denominator

    from {{ ref('orders') }} as orders

    left join {{ ref('sales_reps') }} as sales_reps
        on orders.rep_id = sales_reps.rep

    -- what an order of unknown cost earned is unknown too
    where
        orders.is_completed
        and orders.rep_id is not null
        and orders.cost is not null

    group by all

)

{{ add_up('rep_orders', ['rep', 'team']) }}
