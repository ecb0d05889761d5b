-- One row per day and profile: its latest known count of followers. Tools count on some days only; a count holds until
-- the next one, the last up to as_of.
--
-- A profile that is renamed or closed is counted no more. It has fallen silent when its network has been counted for
-- longer since its last count than it ever went without one (31 days, where it has one count only); it is gone from the
-- first day on which the network was counted without it.

with profile_days as (

    select * from {{ ref('stg_analytics__social_profile_days') }}

),

network_days as (

    select
        network,
        measured_on,
        lead(measured_on) over by_network as next_day_of_network,
        max(measured_on) over (partition by network) as last_day_of_network
    from (
        select distinct
            network,
            measured_on
        from profile_days
    ) as days
    window by_network as (partition by network order by measured_on)

),

dated as (

    select
        profile_days.measured_on,
        profile_days.network,
        profile_days.profile,
        profile_days.followers,
        lead(profile_days.measured_on) over of_profile as next_measured_on,
        lag(profile_days.measured_on) over of_profile as last_measured_on,
        network_days.next_day_of_network,
        network_days.last_day_of_network

    from profile_days

    inner join network_days
        on profile_days.network = network_days.network
        and profile_days.measured_on = network_days.measured_on

    window of_profile as (
        partition by profile_days.network, profile_days.profile
        order by profile_days.measured_on
    )

),

counted as (

    select
        measured_on,
        network,
        profile,
        followers,
        next_measured_on,
        next_day_of_network,
        {{ dbt.datediff('last_measured_on', 'measured_on', 'day') }}
            as days_without,
        {{ dbt.datediff('measured_on', 'last_day_of_network', 'day') }}
            as days_of_silence
    from dated

),

counts as (

    select
        measured_on,
        network,
        profile,
        followers,
        case
            when next_measured_on is not null then next_measured_on
            when days_of_silence > coalesce(max(days_without) over (partition by network, profile), 31)
                then next_day_of_network
        end as counted_until
    from counted

)

select
    calendar.date_day as counted_on,
    counts.network,
    counts.profile,
    counts.followers

from counts

inner join {{ source('settings', 'calendar') }} as calendar
    on counts.measured_on <= calendar.date_day
    and coalesce(counts.counted_until, date '9999-12-31') > calendar.date_day

where calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
