with completed_orders as (

    select
        ordered_on as date_day,
        channel,
        region,
        sum(revenue) as numerator,
        count(*) as denominator

    from {{ ref('orders') }}

    where is_completed

    group by all

)

{{ add_up('completed_orders', ['channel', 'region']) }}
