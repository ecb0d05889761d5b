-- import and decide: the rows that count, and the two parts of the value per day and dimensions (NULL as denominator where
-- the KPI has none)
with completed_orders as (

    select
        ordered_on as date_day,
        channel,
        sum(revenue) as numerator,
        count(*) as denominator

    from {{ ref('orders') }}

    where is_completed

    group by all

)

-- count: the parts of each member and period; the value itself is divided later, for all KPIs
{{ add_up('completed_orders', ['channel']) }}
