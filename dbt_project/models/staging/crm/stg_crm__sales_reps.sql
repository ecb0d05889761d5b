with current_rows as (

    {{ current_version('crm', 'sales_reps') }}

),

sales_reps as (

    select
        current_rows.*,
        run.as_of
    from current_rows
    cross join {{ source('settings', 'run') }} as run

)

-- rep_name is personal and stays in raw; who leaves after as_of is still there
select
    rep_id,
    team,
    region,
    active_from,
    case when active_to <= as_of then active_to end as active_to

from sales_reps

where active_from <= as_of
