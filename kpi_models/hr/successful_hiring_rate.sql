with hires as (

    select
        due_on as date_day,
        department,
        recruitment_source,
        count_if(is_successful) as numerator,
        count(*) as denominator

    from {{ ref('hires') }}

    group by all

)

{{ add_up('hires', ['department', 'recruitment_source']) }}
