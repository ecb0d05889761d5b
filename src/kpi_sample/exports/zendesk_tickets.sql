select
    'https://sarvcafe.zendesk.example/api/v2/tickets/' || ticket_id || '.json' as url,
    ticket_id as id,
    {'channel': channel} as via,
    iso(created_at) as created_at,
    iso(coalesce(resolved_at, first_response_at, created_at)) as updated_at,
    'question' as type,
    category,
    priority,
    case when resolved_at is not null then 'solved' else 'open' end as status,
    customer_id as requester_id,
    agent_id as assignee_id,
    iso(first_response_at) as first_replied_at,
    {
        'reopens': reopened_count,
        'replies': contacts,
        'solved_at': iso(resolved_at),
        'reply_time_in_minutes': {'calendar': date_diff('minute', created_at, first_response_at)}
    } as metric_set
from rows
order by created_at, ticket_id
