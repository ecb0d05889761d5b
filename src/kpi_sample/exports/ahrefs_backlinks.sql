select
    source_url as url_from,
    target_url as url_to,
    source_domain as root_name_source,
    'SarvCafé' as anchor,
    iso(first_seen_on) as first_seen_link,
    iso(lost_on) as last_seen,
    lost_on is not null as is_lost
from rows
order by backlink_id
