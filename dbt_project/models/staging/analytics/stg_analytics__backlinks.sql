with backlinks as (

    {{ known_rows('analytics', 'backlinks') }}

)

-- a link that was lost after as_of is still there
select
    backlink_id,
    source_url,
    source_domain,
    target_url,
    first_seen_on,
    case when lost_on <= as_of then lost_on end as lost_on

from backlinks
