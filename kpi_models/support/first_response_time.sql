with answered_tickets as (

    select
        created_on,
        channel,
        priority,
        agent_id as agent,
        first_response_seconds

    from {{ ref('tickets') }}

    where first_response_seconds is not null

),

answered_tickets_by_member as (

    {{ by_member('answered_tickets', ['channel', 'priority', 'agent'], day='created_on', size='count(*)') }}

),

daily as (

    select
        created_on as date_day,
        dimension,
        member,
        sum(first_response_seconds) as numerator,
        count(*) as denominator

    from answered_tickets_by_member

    group by
        created_on,
        dimension,
        member

),

added_up as (

    {{ add_up_days('daily') }}

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
