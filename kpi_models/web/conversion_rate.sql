with sessions as (

    select
        session_on as date_day,
        channel,
        campaign,
        device,
        count_if(conversions > 0) as numerator,
        count(*) as denominator

    from {{ ref('sessions') }}

    group by all

)

{{ add_up('sessions', ['channel', 'campaign', 'device']) }}
