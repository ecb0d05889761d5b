with messages as (

    select
        received_on,
        network,
        responded_on is not null as is_answered

    from {{ ref('social_messages') }}

),

messages_by_member as (

    {{ by_member('messages', ['network'], day='received_on', size='count(*)') }}

),

daily as (

    select
        received_on as date_day,
        dimension,
        member,
        count_if(is_answered) as numerator,
        count(*) as denominator

    from messages_by_member

    group by
        received_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
