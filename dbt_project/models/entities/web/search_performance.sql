-- One row per day, query, page, country and device of the search results that showed our site.

with search_performance as (

    -- a report may be finer than the key, by kind of search or of result
    select
        searched_on,
        query,
        page,
        country,
        device,
        sum(clicks) as clicks,
        sum(impressions) as impressions,
        case
            when count(*) = 1 then max(position)
            else cast(sum(position * impressions) / nullif(sum(impressions), 0) as decimal(18, 4))
        end as position  -- noqa: RF04
    from {{ ref('stg_analytics__search_performance') }}

    group by
        searched_on,
        query,
        page,
        country,
        device

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
