with contracts as (

    select
        due_on as date_day,
        segment,
        count_if(is_renewed) as numerator,
        count(*) as denominator

    from {{ ref('contracts') }}

    group by all

)

{{ add_up('contracts', ['segment']) }}
