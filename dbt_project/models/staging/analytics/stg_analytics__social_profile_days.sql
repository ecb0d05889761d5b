with social_profile_days as (

    {{ known_rows('analytics', 'social_profile_days') }}

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
