with customers as (

    select
        acquired_on,
        channel,
        segment

    from {{ ref('customers') }}

    where acquired_on is not null

),

customers_by_member as (

    {{ by_member('customers', ['channel', 'segment'], day='acquired_on', size='count(*)') }}

),

daily as (

    select
        acquired_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from customers_by_member

    group by
        acquired_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
