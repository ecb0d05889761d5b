with opportunity_days as (

    select
        open_on,
        stage,
        rep,
        score_point as score,
        amount

    from {{ ref('opportunity_days') }}

),

opportunity_days_by_member as (

    {{ by_member('opportunity_days', ['stage', 'rep', 'score'], day='open_on', size='sum(amount)') }}

)

select
    periods.period_grain,
    periods.period_start,
    opportunity_days.dimension,
    opportunity_days.member,
    sum(opportunity_days.amount) as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join opportunity_days_by_member as opportunity_days
    on periods.measured_on = opportunity_days.open_on

group by all
