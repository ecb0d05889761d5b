select
    opportunity_id as "Id",
    customer_id as "AccountId",
    'Opportunity ' || opportunity_id as "Name",
    stage as "StageName",
    cast(amount as double) as "Amount",
    closed_on as "CloseDate",
    case opportunity_type
        when 'new_business' then 'New Customer'
        when 'upsell' then 'Existing Customer - Upgrade'
        when 'cross_sell' then 'Existing Customer - Add-On'
        when 'renewal' then 'Existing Customer - Replacement'
        else opportunity_type
    end as "Type",
    source as "LeadSource",
    outcome <> 'open' as "IsClosed",
    outcome = 'won' as "IsWon",
    rep_id as "OwnerId",
    iso(created_at) as "CreatedDate",
    lead_id as "Lead_Id__c",
    cast(score as integer) as "Score__c",
    product as "Product__c",
    segment as "Segment__c",
    iso(proposal_sent_at) as "Proposal_Sent_Date__c",
    iso(coalesce(cast(closed_on as timestamp) + interval 23 hours, proposal_sent_at, created_at)) as "SystemModstamp"
from rows
order by created_at, opportunity_id
