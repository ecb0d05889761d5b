with branded_searches as (

    select
        searched_on as date_day,
        query,
        sum(impressions) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('search_performance') }}

    where is_branded

    group by all

)

{{ add_up('branded_searches', ['query']) }}
