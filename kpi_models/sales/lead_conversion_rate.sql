with leads as (

    select
        created_on,
        source,
        campaign,
        rep,
        became_customer

    from {{ ref('lead_outcomes') }}

),

leads_by_member as (

    {{ by_member('leads', ['source', 'campaign', 'rep'], day='created_on', size='count(*)') }}

),

daily as (

    select
        created_on as date_day,
        dimension,
        member,
        count_if(became_customer) as numerator,
        count(*) as denominator

    from leads_by_member

    group by
        created_on,
        dimension,
        member

)

-- a lead is created once: cohorts of days add up to those of longer periods
{{ add_up_days('daily') }}
