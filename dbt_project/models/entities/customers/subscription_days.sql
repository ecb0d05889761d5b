-- One row per day, plan and segment: what runs on that day. Built from the days on which something starts or ends, so
-- that its size follows the calendar and not the customers.

with subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

customers as (

    select
        customer_id,
        segment
    from {{ ref('stg_crm__customers') }}

),

changes as (

    select
        started_on as changed_on,
        customer_id,
        plan,
        monthly_amount,
        1 as subscriptions
    from subscriptions
    where ended_on is null or ended_on > started_on

    union all

    select
        ended_on as changed_on,
        customer_id,
        plan,
        -monthly_amount as monthly_amount,
        -1 as subscriptions
    from subscriptions
    where ended_on > started_on

),

changes_by_day as (

    select
        changes.changed_on,
        changes.plan,
        customers.segment,
        sum(changes.monthly_amount) as monthly_amount,
        sum(changes.subscriptions) as subscriptions

    from changes

    left join customers
        on changes.customer_id = customers.customer_id

    group by
        changes.changed_on,
        changes.plan,
        customers.segment

),

running as (

    select
        changed_on,
        plan,
        segment,
        sum(monthly_amount) over by_kind as monthly_amount,
        sum(subscriptions) over by_kind as subscriptions,
        lead(changed_on) over by_kind as next_change_on

    from changes_by_day

    window by_kind as (partition by plan, segment order by changed_on)

)

select
    calendar.date_day as active_on,
    running.plan,
    running.segment,
    running.monthly_amount,
    running.subscriptions,
    -- what a day earns: a month's amount over the days of its calendar month
    cast(running.monthly_amount / day(last_day(calendar.date_day)) as decimal(38, 10)) as day_amount

from running

inner join {{ source('settings', 'calendar') }} as calendar
    on running.changed_on <= calendar.date_day
    and coalesce(running.next_change_on, date '9999-12-31') > calendar.date_day

where
    running.subscriptions > 0
    and calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
