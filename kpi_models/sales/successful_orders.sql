with completed_orders as (

    select
        ordered_on,
        channel,
        region

    from {{ ref('orders') }}

    where is_completed

),

orders_by_member as (

    {{ by_member('completed_orders', ['channel', 'region'], day='ordered_on', size='count(*)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from orders_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
