-- One row per answer to a survey, with what it says: NPS by its own scale, CSAT by its share of the scale it used.

with survey_responses as (

    select * from {{ ref('stg_crm__survey_responses') }}

),

customers as (

    select
        customer_id,
        segment,
        is_key_account
    from {{ ref('stg_crm__customers') }}

)

select
    survey_responses.response_id,
    survey_responses.survey_type,
    survey_responses.responded_on,
    survey_responses.customer_id,
    survey_responses.channel,
    survey_responses.agent_id,
    customers.segment,
    coalesce(customers.is_key_account, false) as is_key_account,
    survey_responses.survey_type = 'nps' and survey_responses.score >= 9 as is_promoter,
    survey_responses.survey_type = 'nps' and survey_responses.score <= 6 as is_detractor,
    -- divided, not multiplied: 0.55 * 20 is a little more than 11 to a computer, 11 / 20 is 0.55
    survey_responses.survey_type = 'csat'
    and survey_responses.score / coalesce(survey_responses.scale_max, 5) >= run.satisfied_share as is_satisfied

from survey_responses

left join customers
    on survey_responses.customer_id = customers.customer_id

cross join {{ source('settings', 'run') }} as run
