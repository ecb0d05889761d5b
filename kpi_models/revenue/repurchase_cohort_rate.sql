-- a customer has one first order: cohorts of days add up to those of longer periods
with first_time_buyers as (

    select
        first_ordered_on as date_day,
        first_order_channel as channel,
        segment,
        count_if(completed_orders >= 2) as numerator,
        count(*) as denominator

    from {{ ref('customers') }}

    where first_ordered_on is not null

    group by all

)

{{ add_up('first_time_buyers', ['channel', 'segment']) }}
