-- One row per lead, and what has become of it by as_of.

with leads as (

    select * from {{ ref('stg_crm__leads') }}

),

opportunities as (

    select * from {{ ref('opportunities') }}

),

-- a tool that turns a lead into a customer names that customer on both sides instead of the lead: a first deal with
-- them came from the lead that was the latest one then
matched_opportunities as (

    select
        leads.lead_id,
        opportunities.outcome,
        row_number() over (
            partition by opportunities.opportunity_id
            order by leads.created_on desc, leads.lead_id desc
        ) as lead_rank

    from opportunities

    inner join leads
        on opportunities.customer_id = leads.customer_id
        and opportunities.created_on >= leads.created_on

    where
        opportunities.lead_id is null
        and coalesce(opportunities.opportunity_type, 'new_business') = 'new_business'

),

lead_opportunities as (

    select
        lead_id,
        outcome
    from opportunities
    where lead_id is not null

    union all

    select
        lead_id,
        outcome
    from matched_opportunities
    where lead_rank = 1

),

opportunities_by_lead as (

    select
        lead_id,
        count_if(outcome = 'won') as won_opportunities
    from lead_opportunities
    group by lead_id

)

select
    leads.lead_id,
    leads.created_on,
    leads.source,
    leads.campaign,
    leads.rep_id as rep,
    opportunities_by_lead.lead_id is not null as became_opportunity,
    leads.converted_on is not null or coalesce(opportunities_by_lead.won_opportunities, 0) > 0 as became_customer

from leads

left join opportunities_by_lead
    on leads.lead_id = opportunities_by_lead.lead_id
