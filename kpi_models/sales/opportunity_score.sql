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
    opportunity_days_by_member.dimension,
    opportunity_days_by_member.member,
    sum(opportunity_days_by_member.points) as numerator,
    sum(opportunity_days_by_member.opportunities) as denominator

from {{ ref('periods') }} as periods

inner join opportunity_days_by_member
    on periods.measured_on = opportunity_days_by_member.open_on

group by
    periods.period_grain,
    periods.period_start,
    opportunity_days_by_member.dimension,
    opportunity_days_by_member.member
