-- One row per subscriber, list and stay on it: an export tells the last time that somebody joined, so the stays before
-- are in its earlier versions.

with run as (

    select as_of from {{ source('settings', 'run') }}

),

last_stays as (

    {{ current_version('analytics', 'email_subscribers') }}

),

versions as (

    {{ versions_of('analytics', 'email_subscribers', of=['subscribed_at', 'unsubscribed_at']) }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by subscriber_id, list, subscribed_at
            order by version_number desc
        ) as newest_first
    from versions

),

-- a version decides about its own stay; one that the newest version says was never joined is none
stays as (

    select
        numbered.subscriber_id,
        numbered.list,
        numbered.subscribed_at,
        numbered.unsubscribed_at,
        lead(numbered.subscribed_at) over by_subscriber as next_subscribed_at,
        lead(numbered.unsubscribed_at) over by_subscriber as next_unsubscribed_at

    from numbered

    inner join last_stays
        on numbered.subscriber_id = last_stays.subscriber_id
        and numbered.list = last_stays.list
        and numbered.subscribed_at <= last_stays.subscribed_at

    where numbered.newest_first = 1

    window by_subscriber as (
        partition by numbered.subscriber_id, numbered.list
        order by numbered.subscribed_at
    )

),

-- Who left before joining came back: that leaving is the end of the stay before. A stay that another one follows, and
-- whose end nobody told, ends where that begins.
ended_stays as (

    select
        subscriber_id,
        list,
        subscribed_at,
        case
            when unsubscribed_at >= subscribed_at then unsubscribed_at
            when next_unsubscribed_at between subscribed_at and next_subscribed_at then next_unsubscribed_at
            else next_subscribed_at
        end as unsubscribed_at
    from stays

)

-- who leaves the list after as_of is still on it
select
    ended_stays.subscriber_id,
    ended_stays.list,
    ended_stays.subscribed_at,
    {{ business_day('ended_stays.subscribed_at') }} as subscribed_on,
    case
        when {{ business_day('ended_stays.unsubscribed_at') }} <= run.as_of
            then {{ business_day('ended_stays.unsubscribed_at') }}
    end as unsubscribed_on

from ended_stays

cross join run

where {{ business_day('ended_stays.subscribed_at') }} <= run.as_of
