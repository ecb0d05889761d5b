-- One row per support ticket, with whether it repeats an earlier one.

with tickets as (

    select * from {{ ref('stg_crm__tickets') }}

),

-- two tickets of one moment are one report of the problem: neither came before the other
report_moments as (

    select distinct
        customer_id,
        category,
        created_at

    from tickets

    where
        customer_id is not null
        and category is not null

),

reports as (

    select
        customer_id,
        category,
        created_at,
        lag(created_at) over (partition by customer_id, category order by created_at) as previous_created_at
    from report_moments

)

select
    tickets.ticket_id,
    tickets.customer_id,
    tickets.created_at,
    tickets.created_on,
    tickets.resolved_on,
    tickets.category,
    tickets.channel,
    tickets.priority,
    tickets.agent_id,
    -- empty where nobody has answered, and where the answer is older than the question: one of the clocks was wrong
    case
        when tickets.first_response_at >= tickets.created_at
            then {{ dbt.datediff('tickets.created_at', 'tickets.first_response_at', 'second') }}
    end as first_response_seconds,
    -- who does not count contacts cannot tell; who does not count reopenings had none
    coalesce(tickets.contacts = 1, false) and coalesce(tickets.reopened_count, 0) = 0 as took_one_contact,
    -- days of 24 hours, so that a ticket is no repeat in one time zone and a repeat in the next
    coalesce(
        tickets.created_at <= {{ dbt.dateadd('hour', '(24 * run.repeat_issue_days)', 'reports.previous_created_at') }},
        false
    ) as is_repeat

from tickets

left join reports
    on tickets.customer_id = reports.customer_id
    and tickets.category = reports.category
    and tickets.created_at = reports.created_at

cross join {{ source('settings', 'run') }} as run
