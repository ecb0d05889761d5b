select
    response_id as "#",
    cast(score as integer) as "How likely are you to recommend us to a friend or colleague?",
    null as "What is the main reason for your score?",
    customer_id,
    strftime(responded_at - interval 90 seconds, '%Y-%m-%d %H:%M:%S') as "Start Date (UTC)",
    strftime(responded_at, '%Y-%m-%d %H:%M:%S') as "Submit Date (UTC)",
    substr(md5(response_id), 1, 10) as "Network ID"
from rows
order by responded_at, response_id
