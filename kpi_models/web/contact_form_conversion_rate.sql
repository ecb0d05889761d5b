with form_sessions as (

    select
        session_on,
        channel,
        campaign,
        form_views > 0 as is_viewed,
        form_submits > 0 as is_submitted

    from {{ ref('sessions') }}

    where
        form_views > 0
        or form_submits > 0

),

form_sessions_by_member as (

    {{ by_member('form_sessions', ['channel', 'campaign'], day='session_on', size='count_if(is_viewed)') }}

),

daily as (

    select
        session_on as date_day,
        dimension,
        member,
        count_if(is_submitted) as numerator,
        count_if(is_viewed) as denominator

    from form_sessions_by_member

    group by
        session_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
