with referral_sessions as (

    select
        session_on as date_day,
        source,
        country,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('sessions') }}

    where channel = 'referral'

    group by all

)

{{ add_up('referral_sessions', ['source', 'country']) }}
