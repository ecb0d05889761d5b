with contracts as (

    select
        due_on,
        segment,
        is_renewed

    from {{ ref('contracts') }}

),

contracts_by_member as (

    {{ by_member('contracts', ['segment'], day='due_on', size='count(*)') }}

),

daily as (

    select
        due_on as date_day,
        dimension,
        member,
        count_if(is_renewed) as numerator,
        count(*) as denominator

    from contracts_by_member

    group by
        due_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
