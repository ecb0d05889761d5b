-- One row per day, platform, campaign, ad group and keyword, as the ad tools report it.

select
    shown_on,
    platform,
    campaign,
    ad_group,
    keyword,
    impressions,
    clicks,
    spend,
    conversions,
    video_views

from {{ ref('stg_analytics__ad_performance') }}
