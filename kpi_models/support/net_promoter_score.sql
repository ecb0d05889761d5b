with answers as (

    select
        responded_on,
        segment,
        is_promoter,
        is_detractor

    from {{ ref('survey_responses') }}

    where survey_type = 'nps'

),

answers_by_member as (

    {{ by_member('answers', ['segment'], day='responded_on', size='count(*)') }}

),

daily as (

    select
        responded_on as date_day,
        dimension,
        member,
        100 * (count_if(is_promoter) - count_if(is_detractor)) as numerator,
        count(*) as denominator

    from answers_by_member

    group by
        responded_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
