with opportunities as (

    select
        created_on,
        source,
        rep,
        coalesce(amount, 0) as amount

    from {{ ref('opportunities') }}

),

opportunities_by_member as (

    {{ by_member('opportunities', ['source', 'rep'], day='created_on', size='sum(amount)') }}

),

daily as (

    select
        created_on as date_day,
        dimension,
        member,
        sum(amount) as numerator,
        cast(null as bigint) as denominator

    from opportunities_by_member

    group by
        created_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
