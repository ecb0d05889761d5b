with won_opportunities as (

    select
        closed_on as date_day,
        rep,
        product,
        segment,
        sum({{ dbt.datediff('first_contact_on', 'closed_on', 'day') | trim }}) as numerator,
        count(*) as denominator

    from {{ ref('opportunities') }}

    where
        is_won
        and first_contact_on is not null

    group by all

)

{{ add_up('won_opportunities', ['rep', 'product', 'segment']) }}
