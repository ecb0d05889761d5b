-- One row per day, plan, segment and kind of account: the customers who are active on that day. Built from the days on
-- which spans begin or end, so that its size follows the calendar and not the customers.

with changes as (

    select
        active_from as changed_on,
        plan,
        segment,
        is_key_account,
        1 as customers
    from {{ ref('customer_spans') }}

    union all

    select
        active_until as changed_on,
        plan,
        segment,
        is_key_account,
        -1 as customers
    from {{ ref('customer_spans') }}

),

changes_by_day as (

    select
        changed_on,
        plan,
        segment,
        is_key_account,
        sum(customers) as customers
    from changes
    group by
        changed_on,
        plan,
        segment,
        is_key_account

),

running as (

    select
        changed_on,
        plan,
        segment,
        is_key_account,
        sum(customers) over by_kind as customers,
        lead(changed_on) over by_kind as next_change_on
    from changes_by_day
    window by_kind as (partition by plan, segment, is_key_account order by changed_on)

)

select
    calendar.date_day as active_on,
    running.plan,
    running.segment,
    running.is_key_account,
    running.customers

from running

inner join {{ source('settings', 'calendar') }} as calendar
    on running.changed_on <= calendar.date_day
    and coalesce(running.next_change_on, date '9999-12-31') > calendar.date_day

where
    running.customers > 0
    and calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
