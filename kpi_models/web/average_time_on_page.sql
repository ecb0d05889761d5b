with page_views as (

    select
        event_on,
        page,
        channel,
        seconds_on_page

    from {{ ref('web_events') }}

    where
        event_name = 'page_view'
        -- nobody knows how long the last page of a session was looked at
        and seconds_on_page is not null

),

page_views_by_member as (

    {{ by_member('page_views', ['page', 'channel'], day='event_on', size='count(*)') }}

),

daily as (

    select
        event_on as date_day,
        dimension,
        member,
        sum(seconds_on_page) as numerator,
        count(*) as denominator

    from page_views_by_member

    group by
        event_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
