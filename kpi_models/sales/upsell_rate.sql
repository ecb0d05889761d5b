with buyer_periods as (

    select
        period_grain,
        period_start,
        rep,
        opening_buyers,
        upsold_buyers

    from {{ ref('buyer_periods') }}

),

buyers_by_member as (

    {{ by_member(
        'buyer_periods', ['rep'], day='period_start',
        size="sum(case when period_grain = 'day' then opening_buyers end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(upsold_buyers) as numerator,
    sum(opening_buyers) as denominator

from buyers_by_member

group by all
