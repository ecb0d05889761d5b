with posts as (

    select
        published_on,
        network,
        profile,
        impressions

    from {{ ref('social_posts') }}

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile'], day='published_on', size='sum(impressions)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(impressions) as numerator,
        cast(null as bigint) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
