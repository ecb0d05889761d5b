-- One row per opportunity, with the score that it closed with or has now.

with opportunities as (

    select * from {{ ref('stg_crm__opportunities') }}

),

leads as (

    select
        lead_id,
        created_on
    from {{ ref('stg_crm__leads') }}

),

scores as (

    select * from {{ ref('opportunity_scores') }}

),

dated_opportunities as (

    select
        opportunities.*,
        coalesce(leads.created_on, opportunities.created_on) as first_known_on,
        -- a deal that was entered after it had closed has the score of its first day
        greatest(coalesce(opportunities.closed_on, run.as_of), opportunities.created_on) as scored_on

    from opportunities

    cross join {{ source('settings', 'run') }} as run

    left join leads
        on opportunities.lead_id = leads.lead_id

)

select
    opportunities.opportunity_id,
    opportunities.lead_id,
    opportunities.customer_id,
    opportunities.rep_id as rep,
    opportunities.created_on,
    opportunities.closed_on,
    opportunities.outcome,
    opportunities.outcome = 'won' as is_won,
    opportunities.outcome = 'lost' as is_lost,
    opportunities.stage,
    opportunities.opportunity_type,
    opportunities.amount,
    scores.score,
    -- the whole point by which opportunities are told apart
    cast(round(scores.score) as integer) as score_point,
    opportunities.product,
    opportunities.source,
    opportunities.segment,
    opportunities.proposal_sent_on,
    -- empty where the deal was entered after it had closed: nobody knows when it began
    case
        when opportunities.closed_on is null or opportunities.first_known_on <= opportunities.closed_on
            then opportunities.first_known_on
    end as first_contact_on

from dated_opportunities as opportunities

left join scores
    on opportunities.opportunity_id = scores.opportunity_id
    and opportunities.scored_on >= scores.scored_from
    and opportunities.scored_on < scores.scored_until
