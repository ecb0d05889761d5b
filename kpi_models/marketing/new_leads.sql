with leads as (

    select
        created_on,
        source,
        campaign

    from {{ ref('leads') }}

),

leads_by_member as (

    {{ by_member('leads', ['source', 'campaign'], day='created_on', size='count(*)') }}

),

daily as (

    select
        created_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from leads_by_member

    group by
        created_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
