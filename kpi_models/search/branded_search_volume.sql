with branded_searches as (

    select
        searched_on,
        query,
        impressions

    from {{ ref('search_performance') }}

    where is_branded

),

branded_searches_by_member as (

    {{ by_member('branded_searches', ['query'], day='searched_on', size='sum(impressions)') }}

),

daily as (

    select
        searched_on as date_day,
        dimension,
        member,
        sum(impressions) as numerator,
        cast(null as bigint) as denominator

    from branded_searches_by_member

    group by
        searched_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
