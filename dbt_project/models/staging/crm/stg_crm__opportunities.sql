with opportunities as (

    {{ current_version('crm', 'opportunities') }}

),

run as (

    select as_of
    from {{ source('settings', 'run') }}

)

-- an opportunity that closed after as_of is still open
select
    opportunity_id,
    lead_id,
    customer_id,
    rep_id,
    {{ business_day('created_at') }} as created_on,
    case when closed_on <= run.as_of then closed_on end as closed_on,
    stage,
    case when closed_on > run.as_of then 'open' else outcome end as outcome,
    opportunity_type,
    amount,
    score,
    product,
    opportunities.source,
    segment,
    case when {{ business_day('proposal_sent_at') }} <= run.as_of then {{ business_day('proposal_sent_at') }} end
        as proposal_sent_on

from opportunities

cross join run

where {{ business_day('created_at') }} <= run.as_of
