-- One row per day, query, page, country and device of the search results that showed our site.

with search_performance as (

    select * from {{ ref('stg_analytics__search_performance') }}

),

branded_queries as (

    select distinct search_performance.query

    from search_performance

    inner join {{ source('settings', 'brand_terms') }} as brand_terms
        on contains(lower(search_performance.query), lower(brand_terms.brand_term))

)

select
    search_performance.searched_on,
    search_performance.query,
    search_performance.page,
    search_performance.country,
    search_performance.device,
    search_performance.clicks,
    search_performance.impressions,
    search_performance.position,
    -- the query names the company
    branded_queries.query is not null as is_branded

from search_performance

left join branded_queries
    on search_performance.query = branded_queries.query
