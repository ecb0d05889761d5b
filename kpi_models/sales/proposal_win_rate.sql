with closed_proposals as (

    select
        closed_on,
        rep,
        product,
        is_won

    from {{ ref('opportunities') }}

    where
        proposal_sent_on is not null
        and (is_won or is_lost)

),

closed_proposals_by_member as (

    {{ by_member('closed_proposals', ['rep', 'product'], day='closed_on', size='count(*)') }}

),

daily as (

    select
        closed_on as date_day,
        dimension,
        member,
        count_if(is_won) as numerator,
        count(*) as denominator

    from closed_proposals_by_member

    group by
        closed_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
