with carts as (

    select
        session_on as date_day,
        channel,
        device,
        count_if(purchases = 0) as numerator,
        count(*) as denominator

    from {{ ref('sessions') }}

    where carts > 0

    group by all

)

{{ add_up('carts', ['channel', 'device']) }}
