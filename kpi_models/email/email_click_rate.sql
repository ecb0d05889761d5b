with emails as (

    select
        delivered_on as date_day,
        campaign,
        count_if(is_clicked) as numerator,
        count(*) as denominator

    from {{ ref('emails') }}

    group by all

)

{{ add_up('emails', ['campaign']) }}
