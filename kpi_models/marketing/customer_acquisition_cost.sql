-- what it cost to win the customers of earlier months is not on record
with spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

spend_and_customers as (

    select
        spent_on as date_day,
        channel,
        sum(amount) as numerator,
        0 as denominator

    from {{ ref('marketing_spend') }}

    group by all

    union all

    select
        acquired_on as date_day,
        channel,
        0 as numerator,
        count(*) as denominator

    from {{ ref('customers') }}

    where acquired_on >= (select began_on from spend_began)

    group by all

)

{{ add_up('spend_and_customers', ['channel']) }}
