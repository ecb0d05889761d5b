with posts as (

    select
        published_on as date_day,
        network,
        profile,
        sum(comments) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('social_posts') }}

    where comments is not null

    group by all

)

{{ add_up('posts', ['network', 'profile']) }}
