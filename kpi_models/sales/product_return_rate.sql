with delivered_lines as (

    select
        ordered_on,
        product_category,
        quantity,
        quantity_returned

    from {{ ref('order_lines') }}

    where status in ('completed', 'returned')

),

lines_by_member as (

    {{ by_member('delivered_lines', ['product_category'], day='ordered_on', size='sum(quantity)') }}

),

daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(quantity_returned) as numerator,
        sum(quantity) as denominator

    from lines_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
