with social_posts as (

    {{ current_version('analytics', 'social_posts') }}

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

where {{ business_day('published_at') }} <= (select as_of from {{ source('settings', 'run') }})
