with social_posts as (

    {{ known_rows('analytics', 'social_posts') }}

)

select
    post_id,
    network,
    profile,
    post_type,
    {{ business_day('published_at') }} as published_on,
    impressions,
    reach,
    likes,
    comments,
    shares,
    link_clicks,
    video_views

from social_posts
