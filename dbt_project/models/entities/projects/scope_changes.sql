-- One row per change of a project's scope that was asked for.

with scope_changes as (

    select * from {{ ref('stg_hr__scope_changes') }}

)

select
    change_id,
    project_id,
    decided_on,
    status = 'accepted' as is_accepted,
    effort_hours

from scope_changes
