with sales as (

    select
        ordered_on,
        product_id,
        product_category,
        sum(revenue) as revenue

    from {{ ref('order_lines') }}

    where is_completed

    group by all

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
    sales.dimension,
    sales.member,
    sum(case when popular_products.product_id is not null then sales.revenue else 0 end) as numerator,
    sum(sales.revenue) as denominator

from sales_by_member as sales

inner join {{ ref('period_days') }} as period_days
    on sales.ordered_on = period_days.date_day

inner join periods
    on period_days.period_grain = periods.period_grain
    and period_days.period_start = periods.period_start

left join {{ ref('popular_products') }} as popular_products
    on period_days.period_grain = popular_products.period_grain
    and period_days.period_start = popular_products.period_start
    and sales.product_id = popular_products.product_id

group by all
