-- One row per day and provider that ranked our site; 1 is best.

select
    ranked_on,
    provider,
    rank

from {{ ref('stg_analytics__site_ranks') }}
