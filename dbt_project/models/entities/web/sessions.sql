-- One row per session. A session belongs to its first event: that event's day and device are its own. How it came is
-- what the first event says that says anything: tools send session_start without a source.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

    where session_id is not null

),

traffic_sources as (

    select * from {{ ref('traffic_sources') }}

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
        ) as event_number,
        -- source, medium and campaign belong together, so they are taken from one event
        count(coalesce(events.source, events.medium, events.campaign)) over (
            partition by events.session_id
            order by events.event_at, events.event_id
            rows between unbounded preceding and current row
        ) as sources_so_far,
        count(events.channel) over (
            partition by events.session_id
            order by events.event_at, events.event_id
            rows between unbounded preceding and current row
        ) as channels_so_far

    from events

    left join conversion_events
        on events.event_name = conversion_events.event_name

),

sessions as (

    select
        session_id,
        min(case when event_number = 1 then visitor_id end) as visitor_id,
        min(case when event_number = 1 then event_on end) as session_on,
        min(case when event_number = 1 then event_at end) as started_at,
        max(event_at) as ended_at,
        -- the first that says anything: events after it that say nothing share its count of 1, and have no value
        min(case when sources_so_far = 1 then source end) as source,
        min(case when sources_so_far = 1 then medium end) as medium,
        min(case when channels_so_far = 1 then channel end) as channel,
        min(case when sources_so_far = 1 then campaign end) as campaign,
        min(case when event_number = 1 then country end) as country,
        min(case when event_number = 1 then device end) as device,
        min(case when event_number = 1 then page end) as landing_page,
        count(*) as events,
        count_if(event_name = 'page_view') as page_views,
        -- what Google Analytics sends by itself is nothing that the visitor did
        count_if(event_name not in ('page_view', 'session_start', 'first_visit', 'user_engagement')) as interactions,
        count_if(is_conversion) as conversions,
        count_if(event_name = 'add_to_cart') as carts,
        count_if(event_name = 'purchase') as purchases,
        count_if(event_name = 'contact_form_view') as form_views,
        count_if(event_name = 'contact_form_submit') as form_submits

    from ordered_events

    group by session_id

)

select
    sessions.session_id,
    sessions.visitor_id,
    sessions.session_on,
    sessions.started_at,
    sessions.ended_at,
    {{ dbt.datediff('sessions.started_at', 'sessions.ended_at', 'second') }}
        as duration_seconds,
    sessions.source,
    sessions.medium,
    -- the tool's own channel, where it gives one
    coalesce(sessions.channel, traffic_sources.channel) as channel,
    traffic_sources.network,
    sessions.campaign,
    sessions.country,
    sessions.device,
    sessions.landing_page,
    sessions.events,
    sessions.page_views,
    sessions.interactions,
    sessions.page_views = 1 and sessions.interactions = 0 as is_bounce,
    sessions.conversions,
    sessions.carts,
    sessions.purchases,
    sessions.form_views,
    sessions.form_submits

from sessions

left join traffic_sources
    on sessions.source is not distinct from traffic_sources.source
    and sessions.medium is not distinct from traffic_sources.medium
