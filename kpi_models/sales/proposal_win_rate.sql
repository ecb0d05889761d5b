with closed_proposals as (

    select
        closed_on as date_day,
        rep,
        product,
        count_if(is_won) as numerator,
        count(*) as denominator

    from {{ ref('opportunities') }}

    where
        proposal_sent_on is not null
        and (is_won or is_lost)

    group by all

)

{{ add_up('closed_proposals', ['rep', 'product']) }}
