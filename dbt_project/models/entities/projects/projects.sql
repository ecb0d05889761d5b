-- One row per project, with the days on which it is under way.

with projects as (

    select * from {{ ref('stg_hr__projects') }}

),

-- some tools give a cancelled project a closing day too: it was not completed then
closed as (

    select
        *,
        case when status <> 'cancelled' then completed_on end as delivered_on
    from projects

)

select
    project_id,
    department,
    manager_id,
    planned_start_on,
    planned_end_on,
    delivered_on as completed_on,
    status = 'cancelled' as is_cancelled,
    baseline_effort_hours,
    delivered_on <= planned_end_on as is_on_time,
    -- under way from its planned start up to the day before active_until; nobody knows on which day a cancelled project
    -- was given up, so it is never under way
    case when status <> 'cancelled' then least(planned_start_on, coalesce(delivered_on, planned_start_on)) end
        as active_from,
    case
        when status <> 'cancelled'
            then coalesce(cast({{ dbt.dateadd('day', 1, 'delivered_on') }} as date), date '9999-12-31')
    end as active_until

from closed
