with sessions as (

    select
        session_on,
        channel,
        landing_page,
        device,
        is_bounce

    from {{ ref('sessions') }}

),

sessions_by_member as (

    {{ by_member('sessions', ['channel', 'landing_page', 'device'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count_if(is_bounce) as numerator,
        count(*) as denominator

    from sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
