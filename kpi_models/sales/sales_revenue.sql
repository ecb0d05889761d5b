with completed_orders as (

    select
        ordered_on,
        channel,
        region,
        rep_id as rep,
        revenue

    from {{ ref('orders') }}

    where is_completed

),

completed_orders_by_member as (

    {{ by_member('completed_orders', ['channel', 'region', 'rep'], day='ordered_on', size='sum(revenue)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(revenue) as numerator,
        cast(null as bigint) as denominator

    from completed_orders_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
