with opportunities as (

    select
        created_on as date_day,
        source,
        rep,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('opportunities') }}

    group by all

)

{{ add_up('opportunities', ['source', 'rep']) }}
