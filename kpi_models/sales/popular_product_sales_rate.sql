with sales as (

    select
        ordered_on,
        product_id,
        product_category,
        sum(revenue) as revenue

    from {{ ref('order_lines') }}

    where is_completed

    group by
        ordered_on,
        product_id,
        product_category

),

sales_by_member as (

    {{ by_member('sales', ['product_category'], day='ordered_on', size='sum(revenue)') }}

),

-- a period that follows one without sales has no popular products, and no value
periods as (

    select distinct
        period_grain,
        period_start
    from {{ ref('popular_products') }}

)

select
    periods.period_grain,
    periods.period_start,
    sales_by_member.dimension,
    sales_by_member.member,
    sum(case when popular_products.product_id is not null then sales_by_member.revenue else 0 end) as numerator,
    sum(sales_by_member.revenue) as denominator

from sales_by_member

inner join {{ ref('period_days') }} as period_days
    on sales_by_member.ordered_on = period_days.date_day

inner join periods
    on period_days.period_grain = periods.period_grain
    and period_days.period_start = periods.period_start

left join {{ ref('popular_products') }} as popular_products
    on period_days.period_grain = popular_products.period_grain
    and period_days.period_start = popular_products.period_start
    and sales_by_member.product_id = popular_products.product_id

group by
    periods.period_grain,
    periods.period_start,
    sales_by_member.dimension,
    sales_by_member.member
