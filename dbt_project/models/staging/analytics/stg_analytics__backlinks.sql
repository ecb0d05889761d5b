with current_rows as (

    {{ current_version('analytics', 'backlinks') }}

),

backlinks as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

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

where first_seen_on <= as_of
