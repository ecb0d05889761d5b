with posts as (

    select
        published_on as date_day,
        network,
        profile,
        post_type,
        sum(reach) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('social_posts') }}

    where reach is not null

    group by all

)

{{ add_up('posts', ['network', 'profile', 'post_type']) }}
