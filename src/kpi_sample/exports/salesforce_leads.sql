select
    lead_id as "Id",
    'Lead ' || lead_id as "LastName",
    lower(lead_id) || '@lead.example' as "Email",
    country as "Country",
    source as "LeadSource",
    status as "Status",
    sales_qualified_at is not null as "IsConverted",
    iso(sales_qualified_at) as "ConvertedDate",
    customer_id as "ConvertedAccountId",
    rep_id as "OwnerId",
    strftime(created_at, '%Y-%m-%dT%H:%M:%S.000+0000') as "CreatedDate",
    campaign as "Campaign__c",
    iso(marketing_qualified_at) as "Marketing_Qualified_Date__c",
    iso(converted_at) as "Customer_Date__c",
    iso(coalesce(converted_at, sales_qualified_at, marketing_qualified_at, created_at)) as "SystemModstamp"
from rows
order by created_at, lead_id
