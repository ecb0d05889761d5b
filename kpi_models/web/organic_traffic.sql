with organic_sessions as (

    select
        session_on,
        country,
        device,
        landing_page

    from {{ ref('sessions') }}

    where channel = 'organic_search'

),

organic_sessions_by_member as (

    {{ by_member('organic_sessions', ['country', 'device', 'landing_page'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from organic_sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
