with first_time_buyers as (

    select
        first_ordered_on,
        first_order_channel as channel,
        segment,
        completed_orders >= 2 as has_ordered_again

    from {{ ref('customers') }}

    where first_ordered_on is not null

),

buyers_by_member as (

    {{ by_member('first_time_buyers', ['channel', 'segment'], day='first_ordered_on', size='count(*)') }}

),

daily as (

    select
        first_ordered_on as date_day,
        dimension,
        member,
        count_if(has_ordered_again) as numerator,
        count(*) as denominator

    from buyers_by_member

    group by
        first_ordered_on,
        dimension,
        member

)

-- a customer has one first order: cohorts of days add up to those of longer periods
{{ add_up_days('daily') }}
