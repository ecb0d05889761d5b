-- One row per period: what its leads are planned with. The target is that of the whole period, also while it is
-- running, and the past is the lead_history_months calendar months that were over when it began.

with plan_periods as (

    select
        periods.period_grain,
        periods.period_start,
        calendar_periods.period_end,
        cast({{ dbt.date_trunc('month', 'periods.period_start') }} as date) as history_until,
        cast(
            {{ dbt.dateadd('month', '(-run.lead_history_months)', dbt.date_trunc('month', 'periods.period_start')) }}
            as date
        ) as history_from

    from {{ ref('periods') }} as periods

    -- a cut period is the beginning of a whole one, and planned with it
    inner join {{ ref('calendar_periods') }} as calendar_periods
        on periods.period_start = calendar_periods.period_start
        and periods.period_grain in (calendar_periods.period_grain, calendar_periods.period_grain || '_to_date')

    cross join {{ source('settings', 'run') }} as run

),

targets as (

    select
        plan_periods.period_grain,
        plan_periods.period_start,
        sum(target_days.target_amount) as target_amount

    from plan_periods

    inner join {{ ref('sales_target_days') }} as target_days
        on target_days.target_on between plan_periods.period_start and plan_periods.period_end

    where target_days.target_of = 'company'

    group by
        plan_periods.period_grain,
        plan_periods.period_start

),

-- by month first: a period looks back on months, and not on every deal and lead in them
months as (

    select
        cast({{ dbt.date_trunc('month', 'closed_on') }} as date) as month_start,
        sum(amount) as won_amount,
        count(*) as won_opportunities,
        0 as leads,
        0 as converted_leads
    from {{ ref('opportunities') }}
    where
        is_won
        and amount is not null
    group by cast({{ dbt.date_trunc('month', 'closed_on') }} as date)

    union all

    select
        cast({{ dbt.date_trunc('month', 'created_on') }} as date) as month_start,
        0 as won_amount,
        0 as won_opportunities,
        count(*) as leads,
        count_if(became_customer) as converted_leads
    from {{ ref('lead_outcomes') }}
    group by cast({{ dbt.date_trunc('month', 'created_on') }} as date)

),

histories as (

    select
        plan_periods.period_grain,
        plan_periods.period_start,
        sum(months.won_amount) as won_amount,
        sum(months.won_opportunities) as won_opportunities,
        sum(months.leads) as leads,
        sum(months.converted_leads) as converted_leads

    from plan_periods

    inner join months
        on plan_periods.history_from <= months.month_start
        and plan_periods.history_until > months.month_start

    group by
        plan_periods.period_grain,
        plan_periods.period_start

)

select
    targets.period_grain,
    targets.period_start,
    targets.target_amount,
    histories.won_amount,
    histories.won_opportunities,
    histories.leads,
    histories.converted_leads

from targets

inner join histories
    on targets.period_grain = histories.period_grain
    and targets.period_start = histories.period_start
