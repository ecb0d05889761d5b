with referral_sessions as (

    select
        session_on,
        source,
        country

    from {{ ref('sessions') }}

    where channel = 'referral'

),

referral_sessions_by_member as (

    {{ by_member('referral_sessions', ['source', 'country'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from referral_sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
