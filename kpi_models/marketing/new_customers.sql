with customers as (

    select
        acquired_on as date_day,
        channel,
        segment,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('customers') }}

    where acquired_on is not null

    group by all

)

{{ add_up('customers', ['channel', 'segment']) }}
