with sessions as (

    select
        session_on,
        channel,
        device,
        duration_seconds

    from {{ ref('sessions') }}

),

sessions_by_member as (

    {{ by_member('sessions', ['channel', 'device'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        sum(duration_seconds) as numerator,
        count(*) as denominator

    from sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
