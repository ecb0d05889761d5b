with demos as (

    select
        held_on,
        rep,
        source

    from {{ ref('activities') }}

    where
        activity_type = 'demo'
        and status = 'completed'

),

demos_by_member as (

    {{ by_member('demos', ['rep', 'source'], day='held_on', size='count(*)') }}

),

daily as (

    select
        held_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from demos_by_member

    group by
        held_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
