with won_opportunities as (

    select
        closed_on as date_day,
        rep,
        product,
        segment,
        sum(amount) as numerator,
        count(*) as denominator

    from {{ ref('opportunities') }}

    where is_won and amount is not null

    group by all

)

{{ add_up('won_opportunities', ['rep', 'product', 'segment']) }}
