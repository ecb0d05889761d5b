with orders as (

    select
        ordered_on,
        customer_id,
        segment,
        revenue

    from {{ ref('orders') }}

    where order_number is not null

),

periods as (

    select * from {{ ref('periods') }}

),

-- what was earned: orders on their day, running subscriptions day by day
earnings as (

    select
        ordered_on as earned_on,
        segment,
        revenue as amount
    from orders

    union all

    select
        active_on as earned_on,
        segment,
        day_amount as amount
    from {{ ref('subscription_days') }}

),

-- who earned it: customers who were active on a day of the period, or ordered in it
customers as (

    select
        periods.period_grain,
        periods.period_start,
        spans.customer_id,
        spans.segment
    from periods
    inner join {{ ref('customer_spans') }} as spans
        on periods.measured_on >= spans.active_from
        and periods.period_start < spans.active_until

    union

    select
        period_days.period_grain,
        period_days.period_start,
        orders.customer_id,
        orders.segment
    from {{ ref('period_days') }} as period_days
    inner join orders
        on period_days.date_day = orders.ordered_on

),

earnings_and_customers as (

    select
        period_days.period_grain,
        period_days.period_start,
        earnings.segment,
        sum(earnings.amount) as amount,
        cast(null as {{ dbt.type_string() }}) as customer_id
    from {{ ref('period_days') }} as period_days
    inner join earnings
        on period_days.date_day = earnings.earned_on
    group by
        period_days.period_grain,
        period_days.period_start,
        earnings.segment

    union all

    select
        period_grain,
        period_start,
        segment,
        0 as amount,
        customer_id
    from customers

),

earnings_and_customers_by_member as (

    {{ by_member('earnings_and_customers', day='period_start', size='count(distinct customer_id)') }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(amount) as numerator,
    count(distinct customer_id) as denominator

from earnings_and_customers_by_member

group by
    period_grain,
    period_start,
    dimension,
    member
