with conversions as (

    select
        event_on as date_day,
        conversion_event,
        channel,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('web_conversions') }}

    group by all

)

{{ add_up('conversions', ['conversion_event', 'channel']) }}
