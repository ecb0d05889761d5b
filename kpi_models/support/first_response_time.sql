with answered_tickets as (

    select
        created_on as date_day,
        channel,
        priority,
        agent_id as agent,
        sum(first_response_seconds) as numerator,
        count(*) as denominator

    from {{ ref('tickets') }}

    where first_response_seconds is not null

    group by all

),

added_up as (

    {{ add_up('answered_tickets', ['channel', 'priority', 'agent']) }}

)

-- whole seconds add up exactly; minutes would not
select
    period_grain,
    period_start,
    dimension,
    member,
    numerator / cast(60 as double) as numerator,
    denominator

from added_up
