with completed_orders as (

    select
        ordered_on as date_day,
        channel,
        region,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('orders') }}

    where is_completed

    group by all

),

orders_by_period as (

    {{ add_up('completed_orders', ['channel', 'region']) }}

),

-- the orders of a period are the current orders of that period and the previous orders of the one after it
compared_orders as (

    select
        periods.period_grain,
        periods.period_start,
        orders_by_period.dimension,
        orders_by_period.member,
        orders_by_period.numerator as orders,
        0 as previous_orders

    from {{ ref('periods') }} as periods

    inner join orders_by_period
        on periods.period_grain = orders_by_period.period_grain
        and periods.period_start = orders_by_period.period_start

    union all

    select
        periods.period_grain,
        periods.period_start,
        orders_by_period.dimension,
        orders_by_period.member,
        0 as orders,
        orders_by_period.numerator as previous_orders

    from {{ ref('periods') }} as periods

    inner join orders_by_period
        on periods.compared_grain = orders_by_period.period_grain
        and periods.previous_start = orders_by_period.period_start

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(orders) - sum(previous_orders) as numerator,
    sum(previous_orders) as denominator

from compared_orders

group by all
