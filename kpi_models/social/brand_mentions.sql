with mentions as (

    select
        mentioned_on as date_day,
        kind,
        outlet,
        sentiment,
        campaign,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('mentions') }}

    group by all

)

{{ add_up('mentions', ['kind', 'outlet', 'sentiment', 'campaign']) }}
