with positions as (

    select
        searched_on as date_day,
        query,
        page,
        sum(position * impressions) as numerator,
        sum(impressions) as denominator

    from {{ ref('search_performance') }}

    group by all

)

{{ add_up('positions', ['query', 'page']) }}
