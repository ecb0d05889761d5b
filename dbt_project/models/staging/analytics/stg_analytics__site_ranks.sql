with site_ranks as (

    {{ known_rows('analytics', 'site_ranks') }}

)

select
    date as ranked_on,
    provider,
    rank

from site_ranks
