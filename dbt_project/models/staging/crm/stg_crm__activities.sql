with activities as (

    {{ current_version('crm', 'activities') }}

)

select
    activity_id,
    activity_type,
    {{ business_day('held_at') }} as held_on,
    status,
    rep_id,
    lead_id,
    opportunity_id

from activities

where {{ business_day('held_at') }} <= (select as_of from {{ source('settings', 'run') }})
