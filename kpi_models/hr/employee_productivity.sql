with work_logs as (

    select
        worked_on,
        department,
        team,
        output_units,
        hours

    from {{ ref('work_logs') }}

),

work_logs_by_member as (

    {{ by_member('work_logs', ['department', 'team'], day='worked_on', size='sum(hours)') }}

),

daily as (

    select
        worked_on as date_day,
        dimension,
        member,
        sum(output_units) as numerator,
        sum(hours) as denominator

    from work_logs_by_member

    group by
        worked_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
