-- One row per post, with its totals to date on the day it was published. What a network does not report stays empty.

select
    post_id,
    network,
    profile,
    post_type,
    published_on,
    impressions,
    reach,
    likes,
    comments,
    shares,
    link_clicks,
    video_views

from {{ ref('stg_analytics__social_posts') }}
