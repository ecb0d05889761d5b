with leads as (

    {{ known_rows('crm', 'leads') }}

)

-- what became of a lead after as_of has not happened yet; its status is only that of today
select
    lead_id,
    {{ business_day('created_at') }} as created_on,
    source,
    campaign,
    rep_id,
    country,
    case
        when {{ business_day('marketing_qualified_at') }} <= as_of
            then {{ business_day('marketing_qualified_at') }}
    end as marketing_qualified_on,
    case when {{ business_day('sales_qualified_at') }} <= as_of then {{ business_day('sales_qualified_at') }} end
        as sales_qualified_on,
    case when {{ business_day('converted_at') }} <= as_of then {{ business_day('converted_at') }} end
        as converted_on,
    customer_id

from leads
