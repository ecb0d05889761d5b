-- One row per day, platform, campaign, ad group and keyword, as the ad tools report it. What these do not tell apart is
-- added up.

select
    shown_on,
    platform,
    campaign,
    ad_group,
    keyword,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(spend) as spend,
    sum(conversions) as conversions,
    sum(video_views) as video_views

from {{ ref('stg_analytics__ad_performance') }}

group by
    shown_on,
    platform,
    campaign,
    ad_group,
    keyword
