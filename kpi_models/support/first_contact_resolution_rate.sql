with resolved_tickets as (

    select
        resolved_on as date_day,
        channel,
        category,
        count_if(took_one_contact) as numerator,
        count(*) as denominator

    from {{ ref('tickets') }}

    where resolved_on is not null

    group by all

)

{{ add_up('resolved_tickets', ['channel', 'category']) }}
