with performance_reviews as (

    {{ current_version('hr', 'performance_reviews') }}

)

select
    review_id,
    employee_id,
    reviewed_on,
    rating,
    is_successful

from performance_reviews

where reviewed_on <= (select as_of from {{ source('settings', 'run') }})
