select
    opportunity_id as hs_object_id,
    'Deal ' || opportunity_id as dealname,
    case outcome when 'won' then 'closedwon' when 'lost' then 'closedlost' else stage end as dealstage,
    'default' as pipeline,
    closed_on as closedate,
    rep_id as hubspot_owner_id,
    cast(amount as double) as amount,
    cast(amount as double) as amount_in_home_currency,
    'USD' as deal_currency_code,
    iso(created_at) as createdate,
    case opportunity_type
        when 'new_business' then 'newbusiness'
        when 'upsell' then 'existingbusiness'
        else opportunity_type
    end as dealtype,
    customer_id as hs_primary_associated_company,
    source as hs_analytics_source,
    lead_id,
    cast(score as integer) as deal_score,
    product,
    segment,
    iso(proposal_sent_at) as proposal_sent_date,
    iso(coalesce(cast(closed_on as timestamp) + interval 23 hours, proposal_sent_at, created_at)) as hs_lastmodifieddate
from rows
order by created_at, opportunity_id
