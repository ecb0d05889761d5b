with posts as (

    select
        published_on,
        network,
        profile,
        video_views,
        impressions

    from {{ ref('social_posts') }}

    where
        post_type = 'video'
        and video_views is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile'], day='published_on', size='sum(impressions)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(video_views) as numerator,
        sum(impressions) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
