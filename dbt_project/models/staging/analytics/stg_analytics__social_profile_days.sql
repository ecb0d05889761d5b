with social_profile_days as (

    {{ current_version('analytics', 'social_profile_days') }}

)

select
    date as measured_on,
    network,
    profile,
    followers,
    reach,
    impressions,
    profile_visits

from social_profile_days

where date <= (select as_of from {{ source('settings', 'run') }})
