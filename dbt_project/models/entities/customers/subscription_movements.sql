-- One row per customer and calendar month that the customer began or ended with a recurring amount: what it was, what
-- became of it, and what it is. Opening plus movements is closing, and a month opens with what the one before it closed
-- with. A month is judged by its two ends: what began and ended between them, or was only replaced, has not moved.

with subscriptions as (

    select * from {{ ref('stg_crm__subscriptions') }}

),

months as (

    select distinct month_start
    from {{ source('settings', 'calendar') }}
    where date_day <= (select as_of from {{ source('settings', 'run') }})

),

changes as (

    select
        customer_id,
        started_on as changed_on,
        monthly_amount
    from subscriptions
    where ended_on is null or ended_on > started_on

    union all

    select
        customer_id,
        ended_on as changed_on,
        -monthly_amount as monthly_amount
    from subscriptions
    where ended_on > started_on

),

changes_by_month as (

    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'changed_on') }} as date) as changed_in,
        sum(monthly_amount) as net_change
    from changes
    group by
        customer_id,
        cast({{ dbt.date_trunc('month', 'changed_on') }} as date)

),

running as (

    select
        customer_id,
        changed_in,
        net_change,
        sum(net_change) over by_customer as closing_amount,
        lead(changed_in) over by_customer as next_changed_in
    from changes_by_month
    window by_customer as (partition by customer_id order by changed_in)

),

customer_months as (

    select
        running.customer_id,
        months.month_start,
        case
            when months.month_start = running.changed_in then running.closing_amount - running.net_change
            else running.closing_amount
        end as opening_amount,
        running.closing_amount

    from running

    inner join months
        on running.changed_in <= months.month_start
        and coalesce(running.next_changed_in, date '9999-12-31') > months.month_start

),

with_history as (

    select
        *,
        max(opening_amount) over (
            partition by customer_id
            order by month_start
            rows between unbounded preceding and current row
        ) as highest_opening_amount
    from customer_months

)

select
    customer_id,
    month_start,
    opening_amount,
    case when opening_amount = 0 and highest_opening_amount = 0 then closing_amount else 0 end as new_amount,
    case when opening_amount > 0 and closing_amount > opening_amount then closing_amount - opening_amount else 0 end
        as expansion_amount,
    case when closing_amount > 0 and closing_amount < opening_amount then closing_amount - opening_amount else 0 end
        as contraction_amount,
    case when closing_amount = 0 then -opening_amount else 0 end as churned_amount,
    case when opening_amount = 0 and highest_opening_amount > 0 then closing_amount else 0 end as reactivation_amount,
    closing_amount

from with_history

where
    opening_amount > 0
    or closing_amount > 0
