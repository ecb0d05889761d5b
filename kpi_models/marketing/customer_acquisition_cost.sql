with spend as (

    select
        spent_on as counted_on,
        channel,
        amount,
        0 as customers

    from {{ ref('marketing_spend') }}

),

-- what it cost to win the customers of earlier months is not on record
spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

new_customers as (

    select
        acquired_on as counted_on,
        channel,
        0 as amount,
        1 as customers

    from {{ ref('customers') }}

    where acquired_on >= (select began_on from spend_began)

),

spend_and_customers as (

    select * from spend

    union all

    select * from new_customers

),

spend_and_customers_by_member as (

    {{ by_member('spend_and_customers', ['channel'], day='counted_on', size='sum(customers)') }}

),

daily as (

    select
        counted_on as date_day,
        dimension,
        member,
        sum(amount) as numerator,
        sum(customers) as denominator

    from spend_and_customers_by_member

    group by
        counted_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
