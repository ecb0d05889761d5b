with posts as (

    select
        published_on as date_day,
        network,
        profile,
        sum(shares) as numerator,
        sum(impressions) as denominator

    from {{ ref('social_posts') }}

    where shares is not null

    group by all

)

{{ add_up('posts', ['network', 'profile']) }}
