with spend as (

    select
        shown_on as date_day,
        platform,
        campaign,
        sum(spend) as numerator,
        sum(conversions) as denominator

    from {{ ref('ad_performance') }}

    group by all

)

{{ add_up('spend', ['platform', 'campaign']) }}
