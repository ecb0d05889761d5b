with sign_ups as (

    select
        event_on,
        channel,
        campaign

    from {{ ref('web_events') }}

    where event_name = 'sign_up'

),

sign_ups_by_member as (

    {{ by_member('sign_ups', ['channel', 'campaign'], day='event_on', size='count(*)') }}

),

daily as (

    select
        event_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from sign_ups_by_member

    group by
        event_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
