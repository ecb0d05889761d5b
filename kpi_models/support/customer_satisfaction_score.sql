with answers as (

    select
        responded_on as date_day,
        channel,
        agent_id as agent,
        count_if(is_satisfied) as numerator,
        count(*) as denominator

    from {{ ref('survey_responses') }}

    where survey_type = 'csat'

    group by all

)

{{ add_up('answers', ['channel', 'agent']) }}
