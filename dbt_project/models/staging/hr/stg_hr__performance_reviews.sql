with performance_reviews as (

    {{ known_rows('hr', 'performance_reviews') }}

)

select
    review_id,
    employee_id,
    reviewed_on,
    rating,
    is_successful

from performance_reviews
