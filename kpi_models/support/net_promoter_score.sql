with answers as (

    select
        responded_on as date_day,
        segment,
        100 * (count_if(is_promoter) - count_if(is_detractor)) as numerator,
        count(*) as denominator

    from {{ ref('survey_responses') }}

    where survey_type = 'nps'

    group by all

)

{{ add_up('answers', ['segment']) }}
