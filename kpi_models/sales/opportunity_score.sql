with opportunity_days as (

    select
        open_on,
        stage,
        rep,
        points,
        opportunities

    from {{ ref('opportunity_days') }}

),

opportunity_days_by_member as (

    {{ by_member('opportunity_days', ['stage', 'rep'], day='open_on', size='sum(opportunities)') }}

)

select
    periods.period_grain,
    periods.period_start,
    opportunity_days.dimension,
    opportunity_days.member,
    sum(opportunity_days.points) as numerator,
    sum(opportunity_days.opportunities) as denominator

from {{ ref('periods') }} as periods

inner join opportunity_days_by_member as opportunity_days
    on periods.measured_on = opportunity_days.open_on

group by all
