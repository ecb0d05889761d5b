with search_performance as (

    {{ current_version('analytics', 'search_performance') }}

)

select
    date as searched_on,
    query,
    page,
    country,
    device,
    clicks,
    impressions,
    position

from search_performance

where date <= (select as_of from {{ source('settings', 'run') }})
