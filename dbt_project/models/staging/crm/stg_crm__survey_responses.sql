with survey_responses as (

    {{ known_rows('crm', 'survey_responses') }}

)

select
    response_id,
    survey_type,
    {{ business_day('responded_at') }} as responded_on,
    score,
    scale_max,
    customer_id,
    channel,
    agent_id

from survey_responses
