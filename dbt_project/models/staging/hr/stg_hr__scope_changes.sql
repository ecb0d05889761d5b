with scope_changes as (

    {{ known_rows('hr', 'scope_changes') }}

)

select
    change_id,
    project_id,
    decided_on,
    status,
    effort_hours

from scope_changes
