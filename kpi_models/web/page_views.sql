with page_views as (

    select
        event_on as date_day,
        channel,
        country,
        device,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('web_events') }}

    where event_name = 'page_view'

    group by all

)

{{ add_up('page_views', ['channel', 'country', 'device']) }}
