-- One row per call, demo, meeting or email of a rep, with the source of the lead it is about. An activity of an
-- opportunity is about that opportunity's lead; where no lead is known, the opportunity names its source itself.

with activities as (

    select * from {{ ref('stg_crm__activities') }}

),

opportunities as (

    select
        opportunity_id,
        lead_id,
        source
    from {{ ref('stg_crm__opportunities') }}

),

leads as (

    select
        lead_id,
        source
    from {{ ref('leads') }}

)

select
    activities.activity_id,
    activities.activity_type,
    activities.held_on,
    activities.status,
    activities.rep_id as rep,
    coalesce(leads.source, opportunities.source) as source

from activities

left join opportunities
    on activities.opportunity_id = opportunities.opportunity_id

left join leads
    on coalesce(activities.lead_id, opportunities.lead_id) = leads.lead_id
