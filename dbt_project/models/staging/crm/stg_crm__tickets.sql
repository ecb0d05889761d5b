with tickets as (

    {{ known_rows('crm', 'tickets') }}

)

-- what was answered or resolved after as_of has not happened yet
select
    ticket_id,
    customer_id,
    created_at,
    {{ business_day('created_at') }} as created_on,
    case when {{ business_day('first_response_at') }} <= as_of then first_response_at end
        as first_response_at,
    case when {{ business_day('resolved_at') }} <= as_of then resolved_at end as resolved_at,
    case when {{ business_day('resolved_at') }} <= as_of then {{ business_day('resolved_at') }} end
        as resolved_on,
    contacts,
    reopened_count,
    category,
    channel,
    priority,
    agent_id

from tickets
