-- One row per link from another site; it lives from the day it was first seen to the day before it was found lost.

select
    backlink_id,
    source_url,
    source_domain,
    target_url,
    first_seen_on,
    lost_on

from {{ ref('stg_analytics__backlinks') }}

-- a link lost on the day it was found, or before, was never there at the end of a day
where
    lost_on is null
    or lost_on > first_seen_on
