with events as (

    {{ known_rows('analytics', 'web_events') }}

),

repeated_purchases as (

    select event_id
    from (
        select
            event_id,
            row_number() over (
                partition by transaction_id
                order by event_at, event_id
            ) as purchase_number
        from events
        where event_name = 'purchase' and transaction_id is not null
    ) as purchases
    where purchase_number > 1

)

select
    events.event_id,
    events.session_id,
    events.visitor_id,
    events.event_at,
    {{ business_day('events.event_at') }} as event_on,
    -- who opens the thank-you page again buys nothing
    case when repeated_purchases.event_id is not null then 'repeated_purchase' else events.event_name end as event_name,
    events.page,
    events.source,
    events.medium,
    events.channel,
    events.campaign,
    events.keyword,
    events.country,
    events.device,
    events.engagement_seconds,
    events.event_value,
    events.transaction_id

from events

left join repeated_purchases
    on events.event_id = repeated_purchases.event_id
