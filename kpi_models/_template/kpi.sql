-- import: the rows that count, with the KPI's dimensions as columns
with completed_orders as (

    select
        ordered_on,
        channel,
        revenue

    from {{ ref('orders') }}

    where is_completed

),

-- each row once for the total and once for each dimension; size is the denominator (the numerator where there is none)
orders_by_member as (

    {{ by_member('completed_orders', ['channel'], day='ordered_on', size='count(*)') }}

),

-- count: the two parts of the value, never the value itself
daily as (

    select
        ordered_on as date_day,
        dimension,
        member,
        sum(revenue) as numerator,
        count(*) as denominator

    from orders_by_member

    group by
        ordered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
