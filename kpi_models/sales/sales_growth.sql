with sales as (

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

),

-- an order has several product categories, so sales by category come from its lines
category_sales as (

    select
        ordered_on as date_day,
        product_category,
        sum(revenue) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('order_lines') }}

    where is_completed

    group by all

),

sales_by_period as (

    {{ add_up('sales', ['channel', 'region', 'rep']) }}

    union all

    select * from (
        {{ add_up('category_sales', ['product_category']) }}
    ) as sales_by_category
    where dimension = 'product_category'

),

-- the sales of a period are the current sales of that period and the previous sales of the one after it
compared_sales as (

    select
        periods.period_grain,
        periods.period_start,
        sales_by_period.dimension,
        sales_by_period.member,
        sales_by_period.numerator as revenue,
        0 as previous_revenue

    from {{ ref('periods') }} as periods

    inner join sales_by_period
        on periods.period_grain = sales_by_period.period_grain
        and periods.period_start = sales_by_period.period_start

    union all

    select
        periods.period_grain,
        periods.period_start,
        sales_by_period.dimension,
        sales_by_period.member,
        0 as revenue,
        sales_by_period.numerator as previous_revenue

    from {{ ref('periods') }} as periods

    inner join sales_by_period
        on periods.compared_grain = sales_by_period.period_grain
        and periods.previous_start = sales_by_period.period_start

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(revenue) - sum(previous_revenue) as numerator,
    sum(previous_revenue) as denominator

from compared_sales

group by all
