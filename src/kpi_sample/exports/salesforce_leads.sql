-- "Export All": what is in the bin is there too, here copies of the first leads.
with bin as (
    select * replace ('00Q' || substr(lead_id, 2) as lead_id)
    from leads
    where country = 'IR'
    order by created_at, lead_id
    limit 3
),

told as (
    select
        *,
        false as is_deleted
    from rows

    union all

    select
        *,
        true as is_deleted
    from bin
)

select
    lead_id as "Id",
    is_deleted as "IsDeleted",
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
from told
order by is_deleted, created_at, lead_id
