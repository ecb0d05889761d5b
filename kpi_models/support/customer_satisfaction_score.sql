with answers as (

    select
        responded_on,
        channel,
        agent_id as agent,
        is_satisfied

    from {{ ref('survey_responses') }}

    where survey_type = 'csat'

),

answers_by_member as (

    {{ by_member('answers', ['channel', 'agent'], day='responded_on', size='count(*)') }}

),

daily as (

    select
        responded_on as date_day,
        dimension,
        member,
        count_if(is_satisfied) as numerator,
        count(*) as denominator

    from answers_by_member

    group by
        responded_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
