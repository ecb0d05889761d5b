with posts as (

    select
        published_on as date_day,
        network,
        profile,
        post_type,
        sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) as numerator,
        sum(impressions) as denominator

    from {{ ref('social_posts') }}

    where
        likes is not null
        or comments is not null
        or shares is not null

    group by all

)

{{ add_up('posts', ['network', 'profile', 'post_type']) }}
