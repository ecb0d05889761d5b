with closed_opportunities as (

    select
        closed_on,
        rep,
        source,
        product,
        score_point as score,
        is_won

    from {{ ref('opportunities') }}

    where is_won or is_lost

),

closed_opportunities_by_member as (

    {{ by_member('closed_opportunities', ['rep', 'source', 'product', 'score'], day='closed_on', size='count(*)') }}

),

daily as (

    select
        closed_on as date_day,
        dimension,
        member,
        count_if(is_won) as numerator,
        count(*) as denominator

    from closed_opportunities_by_member

    group by
        closed_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
