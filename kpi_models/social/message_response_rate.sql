with messages as (

    select
        received_on as date_day,
        network,
        count_if(responded_on is not null) as numerator,
        count(*) as denominator

    from {{ ref('social_messages') }}

    group by all

)

{{ add_up('messages', ['network']) }}
