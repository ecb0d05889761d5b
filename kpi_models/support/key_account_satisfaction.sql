with answers as (

    select
        responded_on as date_day,
        customer_id as account,
        count_if(is_satisfied) as numerator,
        count(*) as denominator

    from {{ ref('survey_responses') }}

    where
        survey_type = 'csat'
        and is_key_account

    group by all

)

{{ add_up('answers', ['account']) }}
