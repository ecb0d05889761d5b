with social_sessions as (

    select
        session_on as date_day,
        -- a network that we do not know by name is called by its source
        coalesce(network, source) as network,
        medium,
        campaign,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from {{ ref('sessions') }}

    where channel in ('organic_social', 'paid_social')

    group by all

)

{{ add_up('social_sessions', ['network', 'medium', 'campaign']) }}
