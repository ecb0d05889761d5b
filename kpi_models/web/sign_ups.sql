with sign_ups as (

    select
        event_on as date_day,
        channel,
        campaign,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('web_events') }}

    where event_name = 'sign_up'

    group by all

)

{{ add_up('sign_ups', ['channel', 'campaign']) }}
