with sales_reps as (

    {{ known_rows('crm', 'sales_reps') }}

)

-- rep_name is personal and stays in raw; who leaves after as_of is still there
select
    rep_id,
    team,
    region,
    active_from,
    case when active_to <= as_of then active_to end as active_to

from sales_reps
