with campaign_spend as (

    select
        spent_on as counted_on,
        campaign,
        amount,
        0 as leads

    from {{ ref('marketing_spend') }}

    where is_campaign_spend

),

-- what it cost to win the leads of earlier months is not on record
spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

new_leads as (

    select
        created_on as counted_on,
        campaign,
        0 as amount,
        1 as leads

    from {{ ref('leads') }}

    where created_on >= (select began_on from spend_began)

),

spend_and_leads as (

    select * from campaign_spend

    union all

    select * from new_leads

),

spend_and_leads_by_member as (

    {{ by_member('spend_and_leads', ['campaign'], day='counted_on', size='sum(leads)') }}

),

daily as (

    select
        counted_on as date_day,
        dimension,
        member,
        sum(amount) as numerator,
        sum(leads) as denominator

    from spend_and_leads_by_member

    group by
        counted_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
