with posts as (

    select
        published_on as date_day,
        network,
        profile,
        sum(video_views) as numerator,
        sum(impressions) as denominator

    from {{ ref('social_posts') }}

    where
        post_type = 'video'
        and video_views is not null

    group by all

)

{{ add_up('posts', ['network', 'profile']) }}
