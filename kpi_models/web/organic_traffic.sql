with organic_sessions as (

    select
        session_on as date_day,
        country,
        device,
        landing_page,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('sessions') }}

    where channel = 'organic_search'

    group by all

)

{{ add_up('organic_sessions', ['country', 'device', 'landing_page']) }}
