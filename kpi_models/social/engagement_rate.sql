with posts as (

    select
        published_on,
        network,
        profile,
        post_type,
        coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) as engagements,
        impressions

    from {{ ref('social_posts') }}

    where
        likes is not null
        or comments is not null
        or shares is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile', 'post_type'], day='published_on', size='sum(impressions)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(engagements) as numerator,
        sum(impressions) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
