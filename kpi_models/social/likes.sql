with posts as (

    select
        published_on,
        network,
        profile,
        likes

    from {{ ref('social_posts') }}

    where likes is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile'], day='published_on', size='sum(likes)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(likes) as numerator,
        cast(null as bigint) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
