with ad_performance as (

    {{ current_version('analytics', 'ad_performance') }}

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

where date <= (select as_of from {{ source('settings', 'run') }})
