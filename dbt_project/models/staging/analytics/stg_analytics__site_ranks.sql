with site_ranks as (

    {{ current_version('analytics', 'site_ranks') }}

)

select
    date as ranked_on,
    provider,
    rank

from site_ranks

where date <= (select as_of from {{ source('settings', 'run') }})
