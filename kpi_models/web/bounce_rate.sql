with sessions as (

    select
        session_on as date_day,
        channel,
        landing_page,
        device,
        count_if(is_bounce) as numerator,
        count(*) as denominator

    from {{ ref('sessions') }}

    group by all

)

{{ add_up('sessions', ['channel', 'landing_page', 'device']) }}
