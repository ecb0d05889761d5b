with opportunity_stage_changes as (

    {{ known_rows('crm', 'opportunity_stage_changes') }}

)

-- a stage that is left after as_of is still the current one
select
    opportunity_id,
    stage,
    entered_at,
    {{ business_day('entered_at') }} as entered_on,
    case when {{ business_day('left_at') }} <= as_of then {{ business_day('left_at') }} end as left_on

from opportunity_stage_changes
