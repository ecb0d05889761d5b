-- One row per period, plan, segment and kind of account: how many customers it opened with, lost, and had on any of its
-- days. Everybody counts once, under the plan of the day before the period, or of their first day in it.

with spans as (

    select * from {{ ref('customer_spans') }}

),

periods as (

    select * from {{ ref('periods') }}

),

opening as (

    select
        periods.period_grain,
        periods.period_start,
        customer_days.plan,
        customer_days.segment,
        customer_days.is_key_account,
        customer_days.customers as opening_customers,
        0 as lost_customers,
        0 as active_customers

    from periods

    inner join {{ ref('customer_days') }} as customer_days
        on periods.opening_on = customer_days.active_on

),

-- customers of the day before who left in the period and have not come back by its last day
lost as (

    select
        periods.period_grain,
        periods.period_start,
        spans.plan,
        spans.segment,
        spans.is_key_account,
        0 as opening_customers,
        1 as lost_customers,
        0 as active_customers

    from spans

    inner join {{ ref('period_days') }} as period_days
        on spans.gone_from = period_days.date_day

    inner join periods
        on period_days.period_grain = periods.period_grain
        and period_days.period_start = periods.period_start
        and spans.active_from <= periods.opening_on
        and spans.active_until > periods.opening_on

    left join spans as returned
        on spans.customer_id = returned.customer_id
        and periods.measured_on >= returned.active_from
        and periods.measured_on < returned.active_until

    where returned.customer_id is null

),

active_on_first_day as (

    select
        periods.period_grain,
        periods.period_start,
        customer_days.plan,
        customer_days.segment,
        customer_days.is_key_account,
        0 as opening_customers,
        0 as lost_customers,
        customer_days.customers as active_customers

    from periods

    inner join {{ ref('customer_days') }} as customer_days
        on periods.period_start = customer_days.active_on

),

-- and those who came later in the period, each once
later_spans as (

    select
        period_days.period_grain,
        period_days.period_start,
        spans.plan,
        spans.segment,
        spans.is_key_account,
        row_number() over (
            partition by period_days.period_grain, period_days.period_start, spans.customer_id
            order by spans.active_from
        ) as span_number

    from spans

    inner join {{ ref('period_days') }} as period_days
        on spans.active_from = period_days.date_day
        and period_days.date_day > period_days.period_start

    left join spans as first_day_spans
        on spans.customer_id = first_day_spans.customer_id
        and period_days.period_start >= first_day_spans.active_from
        and period_days.period_start < first_day_spans.active_until

    where first_day_spans.customer_id is null

),

active_later as (

    select
        period_grain,
        period_start,
        plan,
        segment,
        is_key_account,
        0 as opening_customers,
        0 as lost_customers,
        1 as active_customers
    from later_spans
    where span_number = 1

),

counted as (

    select * from opening

    union all

    select * from lost

    union all

    select * from active_on_first_day

    union all

    select * from active_later

)

select
    period_grain,
    period_start,
    plan,
    segment,
    is_key_account,
    sum(opening_customers) as opening_customers,
    sum(lost_customers) as lost_customers,
    sum(active_customers) as active_customers

from counted

group by
    period_grain,
    period_start,
    plan,
    segment,
    is_key_account
