with posts as (

    select
        published_on,
        network,
        profile,
        shares,
        impressions

    from {{ ref('social_posts') }}

    where shares is not null

),

posts_by_member as (

    {{ by_member('posts', ['network', 'profile'], day='published_on', size='sum(impressions)') }}

),

daily as (

    select
        published_on as date_day,
        dimension,
        member,
        sum(shares) as numerator,
        sum(impressions) as denominator

    from posts_by_member

    group by
        published_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
