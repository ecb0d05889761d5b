with posts as (

    select
        published_on,
        network,
        profile,
        coalesce(likes, 0) + coalesce(comments, 0) as reactions

    from {{ ref('social_posts') }}

    where
        likes is not null
        or comments is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile'], day='published_on', size='count(*)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(reactions) as numerator,
        count(*) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
