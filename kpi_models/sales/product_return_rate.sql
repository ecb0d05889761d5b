with delivered_lines as (

    select
        ordered_on as date_day,
        product_category,
        sum(quantity_returned) as numerator,
        sum(quantity) as denominator

    from {{ ref('order_lines') }}

    where status in ('completed', 'returned')

    group by all

)

{{ add_up('delivered_lines', ['product_category']) }}
