with posts as (

    select
        published_on as date_day,
        network,
        profile,
        sum(coalesce(likes, 0) + coalesce(comments, 0)) as numerator,
        count(*) as denominator

    from {{ ref('social_posts') }}

    where
        likes is not null
        or comments is not null

    group by all

)

{{ add_up('posts', ['network', 'profile']) }}
