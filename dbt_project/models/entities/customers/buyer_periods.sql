-- One row per period and rep: the customers who had bought before it, whose latest order was the rep's, and those of
-- them who bought an upsell or a cross-sell in it, from whomever. Everybody counts once, under the rep of the day
-- before.

with periods as (

    select * from {{ ref('periods') }}

),

spans as (

    select * from {{ ref('buyer_spans') }}

),

changes as (

    select
        buyer_from as changed_on,
        rep,
        1 as buyers
    from spans

    union all

    select
        buyer_until as changed_on,
        rep,
        -1 as buyers
    from spans

),

changes_by_day as (

    select
        changed_on,
        rep,
        sum(buyers) as buyers
    from changes
    group by
        changed_on,
        rep

),

running as (

    select
        changed_on,
        rep,
        sum(buyers) over by_rep as buyers,
        lead(changed_on) over by_rep as next_change_on
    from changes_by_day
    window by_rep as (partition by rep order by changed_on)

),

opening as (

    select
        periods.period_grain,
        periods.period_start,
        running.rep,
        running.buyers as opening_buyers,
        0 as upsold_buyers,
        0 as cross_sold_buyers

    from periods

    inner join running
        on periods.opening_on >= running.changed_on
        and periods.opening_on < running.next_change_on

    where running.buyers > 0

),

expanded as (

    select
        periods.period_grain,
        periods.period_start,
        spans.rep,
        0 as opening_buyers,
        count(distinct case when orders.sale_type = 'upsell' then orders.customer_id end) as upsold_buyers,
        count(distinct case when orders.sale_type = 'cross_sell' then orders.customer_id end) as cross_sold_buyers

    from {{ ref('orders') }} as orders

    inner join {{ ref('period_days') }} as period_days
        on orders.ordered_on = period_days.date_day

    inner join periods
        on period_days.period_grain = periods.period_grain
        and period_days.period_start = periods.period_start

    inner join spans
        on orders.customer_id = spans.customer_id
        and periods.opening_on >= spans.buyer_from
        and periods.opening_on < spans.buyer_until

    where
        orders.is_completed
        and orders.sale_type in ('upsell', 'cross_sell')

    group by
        periods.period_grain,
        periods.period_start,
        spans.rep

),

counted as (

    select * from opening

    union all

    select * from expanded

)

select
    period_grain,
    period_start,
    rep,
    sum(opening_buyers) as opening_buyers,
    sum(upsold_buyers) as upsold_buyers,
    sum(cross_sold_buyers) as cross_sold_buyers

from counted

group by
    period_grain,
    period_start,
    rep
