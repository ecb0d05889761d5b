select
    lead_id as hs_object_id,
    lower(lead_id) || '@lead.example' as email,
    status as lifecyclestage,
    source as hs_analytics_source,
    campaign as hs_analytics_first_touch_converting_campaign,
    country,
    rep_id as hubspot_owner_id,
    iso(created_at) as createdate,
    iso(marketing_qualified_at) as hs_lifecyclestage_marketingqualifiedlead_date,
    iso(sales_qualified_at) as hs_lifecyclestage_salesqualifiedlead_date,
    iso(converted_at) as hs_lifecyclestage_customer_date,
    customer_id as associatedcompanyid,
    iso(coalesce(converted_at, sales_qualified_at, marketing_qualified_at, created_at)) as lastmodifieddate
from rows
order by created_at, lead_id
