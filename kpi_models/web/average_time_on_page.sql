with page_views as (

    select
        event_on as date_day,
        page,
        channel,
        sum(seconds_on_page) as numerator,
        count(*) as denominator

    from {{ ref('web_events') }}

    where
        event_name = 'page_view'
        -- nobody knows how long the last page of a session was looked at
        and seconds_on_page is not null

    group by all

)

{{ add_up('page_views', ['page', 'channel']) }}
