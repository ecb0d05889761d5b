with demos as (

    select
        held_on as date_day,
        rep,
        source,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('activities') }}

    where
        activity_type = 'demo'
        and status = 'completed'

    group by all

)

{{ add_up('demos', ['rep', 'source']) }}
