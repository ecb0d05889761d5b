with hires as (

    select
        due_on,
        department,
        recruitment_source,
        is_successful

    from {{ ref('hires') }}

),

hires_by_member as (

    {{ by_member('hires', ['department', 'recruitment_source'], day='due_on', size='count(*)') }}

),

daily as (

    select
        due_on as date_day,
        dimension,
        member,
        count_if(is_successful) as numerator,
        count(*) as denominator

    from hires_by_member

    group by
        due_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
