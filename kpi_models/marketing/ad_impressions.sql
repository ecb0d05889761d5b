with impressions as (

    select
        shown_on as date_day,
        platform,
        campaign,
        sum(impressions) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('ad_performance') }}

    group by all

)

{{ add_up('impressions', ['platform', 'campaign']) }}
