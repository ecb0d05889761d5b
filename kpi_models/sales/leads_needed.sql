with plans as (

    select
        period_grain,
        period_start,
        cast(target_amount as double) * won_opportunities / nullif(won_amount, 0) as deals_needed,
        converted_leads / cast(nullif(leads, 0) as double) as conversion_rate

    from {{ ref('lead_plans') }}

)

select
    period_grain,
    period_start,
    'all' as dimension,
    'all' as member,
    deals_needed as numerator,
    conversion_rate as denominator

from plans

-- without a deal or a lead in the months before, there is nothing to plan with
where
    deals_needed is not null
    and conversion_rate is not null
