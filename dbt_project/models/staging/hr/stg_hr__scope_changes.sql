with scope_changes as (

    {{ current_version('hr', 'scope_changes') }}

)

select
    change_id,
    project_id,
    decided_on,
    status,
    effort_hours

from scope_changes

where decided_on <= (select as_of from {{ source('settings', 'run') }})
