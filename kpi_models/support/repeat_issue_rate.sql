with tickets as (

    select
        created_on as date_day,
        category,
        count_if(is_repeat) as numerator,
        count(*) as denominator

    from {{ ref('tickets') }}

    group by all

)

{{ add_up('tickets', ['category']) }}
