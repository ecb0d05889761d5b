-- One row per lead, with the days on which it became marketing and sales qualified.

select
    lead_id,
    created_on,
    source,
    campaign,
    rep_id as rep,
    country,
    marketing_qualified_on,
    sales_qualified_on

from {{ ref('stg_crm__leads') }}
