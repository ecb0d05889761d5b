with social_sessions as (

    select
        session_on,
        -- a network that we do not know by name is called by its source
        coalesce(network, source) as network,
        medium,
        campaign

    from {{ ref('sessions') }}

    where channel in ('organic_social', 'paid_social')

),

social_sessions_by_member as (

    {{ by_member('social_sessions', ['network', 'medium', 'campaign'], day='session_on', size='count(*)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from social_sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
