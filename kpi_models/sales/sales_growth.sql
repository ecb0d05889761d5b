with sales as (

    select
        ordered_on,
        channel,
        region,
        rep_id as rep,
        revenue

    from {{ ref('orders') }}

    where is_completed

),

-- an order has several product categories, so sales by category come from its lines
category_sales as (

    select
        ordered_on,
        product_category,
        revenue

    from {{ ref('order_lines') }}

    where is_completed

),

sales_by_member as (

    {{ by_member('sales', ['channel', 'region', 'rep'], day='ordered_on', size='sum(revenue)') }}

),

category_sales_by_member as (

    {{ by_member(
        'category_sales', ['product_category'], day='ordered_on', size='sum(revenue)', with_total=false
    ) }}

),

daily_sales as (

    select
        ordered_on as date_day,
        dimension,
        member,
        revenue as numerator,
        cast(null as bigint) as denominator
    from sales_by_member

    union all

    select
        ordered_on as date_day,
        dimension,
        member,
        revenue as numerator,
        cast(null as bigint) as denominator
    from category_sales_by_member

),

sales_by_period as (

    {{ add_up_days('daily_sales') }}

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

group by
    period_grain,
    period_start,
    dimension,
    member
