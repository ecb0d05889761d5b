with posts as (

    select
        published_on,
        network,
        profile,
        post_type,
        reach

    from {{ ref('social_posts') }}

    where reach is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile', 'post_type'], day='published_on', size='sum(reach)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(reach) as numerator,
        cast(null as bigint) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
