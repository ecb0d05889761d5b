-- One row per customer and span of days with one plan: active from active_from up to the day before active_until. The
-- spans of a customer never overlap, so that on any day a customer is in one row: counts add up over plans.
--
-- A customer is active while a subscription runs; of several that run at once, the one that began last names the plan.
-- A company that has no subscriptions at all counts the days after a completed order instead, its own day included,
-- purchase_activity_days in all.

with subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

orders as (

    select * from {{ ref('orders') }}

),

customers as (

    select
        customer_id,
        segment,
        is_key_account
    from {{ ref('stg_crm__customers') }}

),

active_times as (

    select
        subscription_id as source_id,
        customer_id,
        plan,
        started_on as active_from,
        coalesce(ended_on, date '9999-12-31') as active_until
    from subscriptions
    -- a subscription that ended before it began never ran
    where ended_on is null or ended_on > started_on

    union all

    select
        orders.order_id as source_id,
        orders.customer_id,
        cast(null as {{ dbt.type_string() }}) as plan,
        orders.ordered_on as active_from,
        cast({{ dbt.dateadd('day', '(run.purchase_activity_days)', 'orders.ordered_on') }} as date) as active_until
    from orders
    cross join {{ source('settings', 'run') }} as run
    where
        orders.order_number is not null
        and not exists (select 1 from subscriptions)

),

-- times of one plan that touch or overlap are one time
covered as (

    select
        *,
        max(active_until) over (
            partition by customer_id, plan
            order by active_from, source_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from active_times

),

numbered as (

    select
        *,
        sum(case when active_from <= covered_until then 0 else 1 end) over (
            partition by customer_id, plan
            order by active_from, source_id
            rows between unbounded preceding and current row
        ) as time_number
    from covered

),

plan_times as (

    select
        customer_id,
        plan,
        min(active_from) as active_from,
        max(active_until) as active_until
    from numbered
    group by
        customer_id,
        plan,
        time_number

),

-- cut where anything begins or ends, so that each piece has one answer to "which plan"
edges as (

    select
        customer_id,
        active_from as edge_on
    from plan_times

    union

    select
        customer_id,
        active_until as edge_on
    from plan_times

),

pieces as (

    select
        customer_id,
        edge_on as active_from,
        lead(edge_on) over (partition by customer_id order by edge_on) as active_until
    from edges

),

ranked_pieces as (

    select
        pieces.customer_id,
        plan_times.plan,
        pieces.active_from,
        pieces.active_until,
        row_number() over (
            partition by pieces.customer_id, pieces.active_from
            order by plan_times.active_from desc, plan_times.plan asc
        ) as plan_rank

    from pieces

    inner join plan_times
        on pieces.customer_id = plan_times.customer_id
        and pieces.active_from >= plan_times.active_from
        and pieces.active_until <= plan_times.active_until

),

chained as (

    select
        customer_id,
        plan,
        active_from,
        active_until,
        lag(active_until) over (partition by customer_id order by active_from) as previous_until
    from ranked_pieces
    where plan_rank = 1

),

lives as (

    select
        *,
        sum(case when active_from = previous_until then 0 else 1 end) over (
            partition by customer_id
            order by active_from
            rows between unbounded preceding and current row
        ) as life_number
    from chained

)

select
    lives.customer_id,
    lives.plan,
    customers.segment,
    coalesce(customers.is_key_account, false) as is_key_account,
    lives.active_from,
    lives.active_until,
    -- the first day without any plan: changing the plan is no leaving
    max(lives.active_until) over (partition by lives.customer_id, lives.life_number) as gone_from

from lives

left join customers
    on lives.customer_id = customers.customer_id
