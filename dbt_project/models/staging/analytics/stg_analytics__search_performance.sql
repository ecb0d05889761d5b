with search_performance as (

    {{ known_rows('analytics', 'search_performance') }}

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
