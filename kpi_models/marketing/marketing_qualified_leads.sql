with qualified_leads as (

    select
        marketing_qualified_on,
        source,
        campaign

    from {{ ref('leads') }}

    where marketing_qualified_on is not null

),

qualified_leads_by_member as (

    {{ by_member('qualified_leads', ['source', 'campaign'], day='marketing_qualified_on', size='count(*)') }}

),

daily as (

    select
        marketing_qualified_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from qualified_leads_by_member

    group by
        marketing_qualified_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
