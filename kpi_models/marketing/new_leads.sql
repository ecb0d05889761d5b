with leads as (

    select
        created_on as date_day,
        source,
        campaign,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('leads') }}

    group by all

)

{{ add_up('leads', ['source', 'campaign']) }}
