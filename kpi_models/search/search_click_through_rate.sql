with searches as (

    select
        searched_on,
        query,
        page,
        clicks,
        impressions

    from {{ ref('search_performance') }}

),

searches_by_member as (

    {{ by_member('searches', ['query', 'page'], day='searched_on', size='sum(impressions)') }}

),

daily as (

    select
        searched_on as date_day,
        dimension,
        member,
        sum(clicks) as numerator,
        sum(impressions) as denominator

    from searches_by_member

    group by
        searched_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
