-- Large customers pay by the year: the amount is that of the interval.
select
    subscription_id as id,
    customer_id as "Customer ID",
    null as "Customer Email",
    plan as "Plan",
    'prod_' || substr(md5(plan), 1, 8) as "Product",
    1 as "Quantity",
    'usd' as "Currency",
    case when plan in ('Enterprise', 'Office Plus') then 'year' else 'month' end as "Interval",
    grouped_money(monthly_amount * case when plan in ('Enterprise', 'Office Plus') then 12 else 1 end) as "Amount",
    case when ended_on is null then 'active' else 'canceled' end as "Status",
    strftime(started_on, '%Y-%m-%d %H:%M') as "Created (UTC)",
    strftime(started_on, '%Y-%m-%d %H:%M') as "Start (UTC)",
    strftime(started_on, '%Y-%m-%d %H:%M') as "Start Date (UTC)",
    strftime(ended_on, '%Y-%m-%d %H:%M') as "Canceled At (UTC)",
    strftime(ended_on, '%Y-%m-%d %H:%M') as "Ended At (UTC)"
from rows
order by started_on, subscription_id
