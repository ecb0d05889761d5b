-- As it is known at the time of the export. Some tickets of the month before are nonsense, and deleted since.
with nonsense as (
    select * replace ('9' || substr(ticket_id, 2) as ticket_id)
    from tickets
    where was_new_a_month_ago(created_at)
    order by created_at, ticket_id
    limit 3
),

told as (
    select
        *,
        false as is_deleted
    from rows

    union all

    select
        *,
        not is_earlier() as is_deleted
    from nonsense
)

select
    'https://sarvcafe.zendesk.example/api/v2/tickets/' || ticket_id || '.json' as url,
    ticket_id as id,
    {'channel': channel} as via,
    iso(created_at) as created_at,
    iso(
        case
            when is_deleted then as_of() - 5
            else coalesce(known(resolved_at), known(first_response_at), created_at)
        end
    ) as updated_at,
    'question' as type,
    category,
    priority,
    case when is_deleted then 'deleted' when known(resolved_at) is not null then 'solved' else 'open' end as status,
    customer_id as requester_id,
    agent_id as assignee_id,
    iso(known(first_response_at)) as first_replied_at,
    {
        'reopens': reopened_count,
        'replies': contacts,
        'solved_at': iso(known(resolved_at)),
        'reply_time_in_minutes': {'calendar': date_diff('minute', created_at, known(first_response_at))}
    } as metric_set
from told
order by is_deleted, created_at, ticket_id
