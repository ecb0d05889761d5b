select
    response_id as "#",
    cast(score as integer) as "How satisfied are you with us?",
    null as "What could we do better?",
    customer_id,
    agent_id,
    channel,
    cast(scale_max as integer) as scale,
    strftime(responded_at - interval 40 seconds, '%Y-%m-%d %H:%M:%S') as "Start Date (UTC)",
    strftime(responded_at, '%Y-%m-%d %H:%M:%S') as "Submit Date (UTC)",
    substr(md5(response_id), 1, 10) as "Network ID"
from rows
order by responded_at, response_id
