with won_opportunities as (

    select
        closed_on,
        rep,
        product,
        segment,
        {{ dbt.datediff('first_contact_on', 'closed_on', 'day') | trim }} as cycle_days

    from {{ ref('opportunities') }}

    where
        is_won
        and first_contact_on is not null

),

won_opportunities_by_member as (

    {{ by_member('won_opportunities', ['rep', 'product', 'segment'], day='closed_on', size='count(*)') }}

),

daily as (

    select
        closed_on as date_day,
        dimension,
        member,
        sum(cycle_days) as numerator,
        count(*) as denominator

    from won_opportunities_by_member

    group by
        closed_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
