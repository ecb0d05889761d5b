with clicks as (

    select
        shown_on as date_day,
        platform,
        campaign,
        keyword,
        sum(clicks) as numerator,
        sum(impressions) as denominator

    from {{ ref('ad_performance') }}

    group by all

)

{{ add_up('clicks', ['platform', 'campaign', 'keyword']) }}
