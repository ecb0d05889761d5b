with completed_orders as (

    select
        ordered_on as date_day,
        channel,
        region,
        rep_id as rep,
        sum(revenue) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('orders') }}

    where is_completed

    group by all

)

{{ add_up('completed_orders', ['channel', 'region', 'rep']) }}
