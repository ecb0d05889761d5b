with carts as (

    select
        session_on,
        channel,
        device,
        purchases = 0 as is_abandoned

    from {{ ref('sessions') }}

    where carts > 0

),

carts_by_member as (

    {{ by_member('carts', ['channel', 'device'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count_if(is_abandoned) as numerator,
        count(*) as denominator

    from carts_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
