with completed_projects as (

    select
        completed_on as date_day,
        department,
        manager_id as manager,
        count_if(is_on_time) as numerator,
        count(*) as denominator

    from {{ ref('projects') }}

    where completed_on is not null

    group by all

)

{{ add_up('completed_projects', ['department', 'manager']) }}
