with tickets as (

    select
        created_on,
        category,
        is_repeat

    from {{ ref('tickets') }}

),

tickets_by_member as (

    {{ by_member('tickets', ['category'], day='created_on', size='count(*)') }}

),

daily as (

    select
        created_on as date_day,
        dimension,
        member,
        count_if(is_repeat) as numerator,
        count(*) as denominator

    from tickets_by_member

    group by
        created_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
