with completed_projects as (

    select
        completed_on,
        department,
        manager_id as manager,
        is_on_time

    from {{ ref('projects') }}

    where completed_on is not null

),

completed_projects_by_member as (

    {{ by_member('completed_projects', ['department', 'manager'], day='completed_on', size='count(*)') }}

),

daily as (

    select
        completed_on as date_day,
        dimension,
        member,
        count_if(is_on_time) as numerator,
        count(*) as denominator

    from completed_projects_by_member

    group by
        completed_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
