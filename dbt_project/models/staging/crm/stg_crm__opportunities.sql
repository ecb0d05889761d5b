with opportunities as (

    {{ known_rows('crm', 'opportunities') }}

)

-- an opportunity that closed after as_of is still open, in a stage that the export no longer tells; the day of an open
-- one is the day on which its close is expected, and its stage is known
select
    opportunity_id,
    lead_id,
    customer_id,
    rep_id,
    {{ business_day('created_at') }} as created_on,
    case when outcome <> 'open' and closed_on <= as_of then closed_on end as closed_on,
    case when outcome <> 'open' and closed_on > as_of then null else stage end as stage,
    case when closed_on > as_of then 'open' else outcome end as outcome,
    opportunity_type,
    amount,
    score,
    product,
    source,
    segment,
    case when {{ business_day('proposal_sent_at') }} <= as_of then {{ business_day('proposal_sent_at') }} end
        as proposal_sent_on

from opportunities
