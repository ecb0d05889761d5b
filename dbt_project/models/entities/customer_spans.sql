-- One row per span of days in which somebody is a customer: active_from up to the day before active_until.
--
-- A customer is active while a subscription runs. A company that has no subscriptions at all counts the days after a
-- completed order instead: the order's day and the ones after it, purchase_activity_days in all.

with subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

orders as (

    select * from {{ ref('orders') }}

),

customers as (

    select
        customer_id,
        segment
    from {{ ref('stg_crm__customers') }}

),

subscription_spans as (

    select
        customer_id,
        plan,
        started_on as active_from,
        ended_on as active_until
    from subscriptions
    -- a subscription that ended before it began never ran
    where ended_on is null or ended_on > started_on

),

purchase_spans as (

    select
        orders.customer_id,
        cast(null as {{ dbt.type_string() }}) as plan,
        orders.ordered_on as active_from,
        {{ dbt.dateadd('day', 'run.purchase_activity_days', 'orders.ordered_on') }} as active_until
    from orders
    cross join {{ source('settings', 'run') }} as run
    where
        orders.order_number is not null
        and not exists (select 1 from subscriptions)

),

spans as (

    select * from subscription_spans

    union all

    select * from purchase_spans

),

-- spans of one customer and plan that touch or overlap are one span
covered as (

    select
        customer_id,
        plan,
        active_from,
        coalesce(active_until, date '9999-12-31') as active_until,
        max(coalesce(active_until, date '9999-12-31')) over (
            partition by customer_id, plan
            order by active_from
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from spans

),

numbered as (

    select
        customer_id,
        plan,
        active_from,
        active_until,
        sum(case when active_from <= covered_until then 0 else 1 end) over (
            partition by customer_id, plan
            order by active_from
            rows between unbounded preceding and current row
        ) as span_number
    from covered

)

select
    numbered.customer_id,
    numbered.plan,
    customers.segment,
    cast(min(numbered.active_from) as date) as active_from,
    cast(max(numbered.active_until) as date) as active_until

from numbered

left join customers
    on numbered.customer_id = customers.customer_id

group by
    numbered.customer_id,
    numbered.plan,
    customers.segment,
    numbered.span_number
