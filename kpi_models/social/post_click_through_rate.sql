with posts as (

    select
        published_on as date_day,
        network,
        profile,
        sum(link_clicks) as numerator,
        sum(impressions) as denominator

    from {{ ref('social_posts') }}

    where link_clicks is not null

    group by all

)

{{ add_up('posts', ['network', 'profile']) }}
