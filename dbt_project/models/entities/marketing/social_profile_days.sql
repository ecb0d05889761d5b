-- One row per day and profile: its latest known count of followers. Tools count on some days only; a count holds until
-- the next one, the last up to as_of.

with counts as (

    select
        measured_on,
        network,
        profile,
        followers,
        lead(measured_on) over (partition by network, profile order by measured_on) as next_measured_on
    from {{ ref('stg_analytics__social_profile_days') }}

)

select
    calendar.date_day as counted_on,
    counts.network,
    counts.profile,
    counts.followers

from counts

inner join {{ source('settings', 'calendar') }} as calendar
    on counts.measured_on <= calendar.date_day
    and coalesce(counts.next_measured_on, date '9999-12-31') > calendar.date_day

where calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
