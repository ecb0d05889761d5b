-- As it is known at the time of the export. The first contact of the month before was there three times, and has absorbed
-- the other two since.
with survivor as (
    select *
    from leads
    where country is distinct from 'IR' and was_new_a_month_ago(created_at)
    order by created_at, lead_id
    limit 1
),

told as (
    select
        rows.*,
        '8' || substr(survivor.lead_id, 2) || ';9' || substr(survivor.lead_id, 2) as absorbed
    from rows
    left join survivor
        on rows.lead_id = survivor.lead_id

    union all

    select
        survivor.* replace (number || substr(lead_id, 2) as lead_id),
        null as absorbed
    from survivor
    cross join (select unnest(['8', '9']) as number) as numbers
    where is_earlier()
)

select
    lead_id as hs_object_id,
    lower(lead_id) || '@lead.example' as email,
    case when is_earlier() then 'lead' else status end as lifecyclestage,
    source as hs_analytics_source,
    campaign as hs_analytics_first_touch_converting_campaign,
    country,
    rep_id as hubspot_owner_id,
    iso(created_at) as createdate,
    iso(known(marketing_qualified_at)) as hs_lifecyclestage_marketingqualifiedlead_date,
    iso(known(sales_qualified_at)) as hs_lifecyclestage_salesqualifiedlead_date,
    iso(known(converted_at)) as hs_lifecyclestage_customer_date,
    case when known(converted_at) is not null or not is_earlier() then customer_id end as associatedcompanyid,
    case when not is_earlier() then absorbed end as hs_merged_object_ids,
    iso(
        coalesce(known(converted_at), known(sales_qualified_at), known(marketing_qualified_at), created_at)
    ) as lastmodifieddate
from told
order by created_at, lead_id
