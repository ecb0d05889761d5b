select
    mention_id as "resourceId",
    strftime(mentioned_at + interval 3 minutes, '%Y-%m-%dT%H:%M:%S.000+0000') as added,
    strftime(mentioned_at, '%Y-%m-%dT%H:%M:%S.000+0000') as date,
    outlet as domain,
    case kind when 'press' then 'news' else outlet end as "pageType",
    sentiment,
    url
from rows
order by mentioned_at, mention_id
