with conversions as (

    select
        event_on,
        conversion_event,
        channel

    from {{ ref('web_conversions') }}

),

conversions_by_member as (

    {{ by_member('conversions', ['conversion_event', 'channel'], day='event_on', size='count(*)') }}

),

daily as (

    select
        event_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from conversions_by_member

    group by
        event_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
