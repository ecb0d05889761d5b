-- what it cost to win the leads of earlier months is not on record
with spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

spend_and_leads as (

    select
        spent_on as date_day,
        campaign,
        sum(amount) as numerator,
        0 as denominator

    from {{ ref('marketing_spend') }}

    where is_campaign_spend

    group by all

    union all

    select
        created_on as date_day,
        campaign,
        0 as numerator,
        count(*) as denominator

    from {{ ref('leads') }}

    where created_on >= (select began_on from spend_began)

    group by all

)

{{ add_up('spend_and_leads', ['campaign']) }}
