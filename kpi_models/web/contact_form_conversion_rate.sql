with form_sessions as (

    select
        session_on as date_day,
        channel,
        campaign,
        count_if(form_submits > 0) as numerator,
        count_if(form_views > 0) as denominator

    from {{ ref('sessions') }}

    where
        form_views > 0
        or form_submits > 0

    group by all

)

{{ add_up('form_sessions', ['channel', 'campaign']) }}
