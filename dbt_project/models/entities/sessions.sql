-- One row per session. A session belongs to its first event: that event's day, channel and device are its own.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

),

conversion_events as (

    select distinct event_name
    from {{ source('settings', 'conversion_events') }}

),

ordered_events as (

    select
        events.*,
        conversion_events.event_name is not null as is_conversion,
        row_number() over (
            partition by events.session_id
            order by events.event_at, events.event_id
        ) as event_number

    from events

    left join conversion_events
        on events.event_name = conversion_events.event_name

)

select
    session_id,
    min(case when event_number = 1 then visitor_id end) as visitor_id,
    min(case when event_number = 1 then event_on end) as session_on,
    min(case when event_number = 1 then event_at end) as started_at,
    max(event_at) as ended_at,
    min(case when event_number = 1 then source end) as source,
    min(case when event_number = 1 then medium end) as medium,
    min(case when event_number = 1 then channel end) as channel,
    min(case when event_number = 1 then campaign end) as campaign,
    min(case when event_number = 1 then country end) as country,
    min(case when event_number = 1 then device end) as device,
    min(case when event_number = 1 then page end) as landing_page,
    count(*) as events,
    count_if(event_name = 'page_view') as page_views,
    count_if(is_conversion) as conversions,
    count_if(event_name = 'add_to_cart') as carts,
    count_if(event_name = 'purchase') as purchases

from ordered_events

group by session_id
