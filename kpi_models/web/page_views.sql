with page_views as (

    select
        event_on,
        channel,
        country,
        device

    from {{ ref('web_events') }}

    where event_name = 'page_view'

),

page_views_by_member as (

    {{ by_member('page_views', ['channel', 'country', 'device'], day='event_on', size='count(*)') }}

),

daily as (

    select
        event_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from page_views_by_member

    group by
        event_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
