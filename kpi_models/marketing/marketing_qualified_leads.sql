with qualified_leads as (

    select
        marketing_qualified_on as date_day,
        source,
        campaign,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('leads') }}

    where marketing_qualified_on is not null

    group by all

)

{{ add_up('qualified_leads', ['source', 'campaign']) }}
