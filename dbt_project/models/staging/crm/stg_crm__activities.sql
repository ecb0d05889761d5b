with activities as (

    {{ known_rows('crm', 'activities') }}

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
