with clicks as (

    select
        searched_on as date_day,
        query,
        page,
        sum(clicks) as numerator,
        sum(impressions) as denominator

    from {{ ref('search_performance') }}

    group by all

)

{{ add_up('clicks', ['query', 'page']) }}
