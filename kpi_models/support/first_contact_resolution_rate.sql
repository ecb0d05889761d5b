with resolved_tickets as (

    select
        resolved_on,
        channel,
        category,
        took_one_contact

    from {{ ref('tickets') }}

    where resolved_on is not null

),

resolved_tickets_by_member as (

    {{ by_member('resolved_tickets', ['channel', 'category'], day='resolved_on', size='count(*)') }}

),

daily as (

    select
        resolved_on as date_day,
        dimension,
        member,
        count_if(took_one_contact) as numerator,
        count(*) as denominator

    from resolved_tickets_by_member

    group by
        resolved_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
