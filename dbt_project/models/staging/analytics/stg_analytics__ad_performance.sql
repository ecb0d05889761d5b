with ad_performance as (

    {{ known_rows('analytics', 'ad_performance') }}

)

select
    date as shown_on,
    platform,
    campaign,
    ad_group,
    keyword,
    impressions,
    clicks,
    spend,
    conversions,
    video_views

from ad_performance
