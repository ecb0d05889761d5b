-- Support: tickets, and what customers say when they are asked.

create table draft.tickets as
with office_tickets as (
    -- an office writes every third month, while it is a customer
    select
        concat_ws('|', 'office', lives.customer_id, months.month) as origin,
        lives.customer_id,
        office_hour(days.date_day, roll('ticket at', lives.customer_id || months.month)) as created_at
    from draft.office_lives as lives
    inner join draft.people as people
        on lives.customer_id = people.customer_id
    inner join draft.market_months as months
        on people.market = months.market
        and months.activity = 'office'
    inner join draft.day_wheel as days
        on concat_ws('|', months.market, 'office', months.month) = days.wheel
        and slot(roll('ticket on', lives.customer_id || months.month)) = days.slot
    where
        roll('ticket', lives.customer_id || months.month) < 0.32 * months.busyness
        and days.date_day between lives.alive_from and lives.alive_until - 1
),

order_tickets as (
    select
        'order|' || order_id as origin,
        customer_id,
        ordered_at + to_minutes(cast(600 + 12000 * roll('order ticket at', order_id) as bigint)) as created_at
    from draft.orders
    where
        roll('order ticket', order_id) < case
            when status = 'returned' then 0.6 when way = 'field' then 0.03 when way = 'web' then 0.09 else 0.02
        end
),

-- questions of people who are not customers
open_tickets as (
    select
        concat_ws('|', 'open', date_day, number) as origin,
        null as customer_id,
        office_hour(date_day, roll('open ticket at', date_day || '|' || number)) as created_at
    from (
        select
            date_day,
            unnest(range(about(scale() * growth * weight * 0.8, roll('open tickets', date_day)))) as number
        from draft.market_days
        where market = 'de' and activity = 'office'
    ) as days
),

first_tickets as (
    select * from office_tickets
    union all
    select * from order_tickets
    union all
    select * from open_tickets
),

categorised as (
    select
        *,
        any_of(
            ['Delivery', 'Delivery', 'Delivery', 'خرابی دستگاه', 'خرابی دستگاه', 'خرابی دستگاه', 'Billing', 'Billing',
                'اشتراک', 'Quality', 'How-to', 'How-to'],
            roll('ticket category', origin)
        ) as category
    from first_tickets
),

-- one trouble in ten comes back within a month
gathered as (
    select * from categorised

    union all

    select
        'again|' || origin as origin,
        customer_id,
        created_at + to_hours(cast(40 + 600 * roll('trouble returns at', origin) as integer)) as created_at,
        category
    from categorised
    where customer_id is not null and roll('trouble returns', origin) < 0.095
),

drawn as (
    select
        *,
        dice('ticket', origin) as bits,
        dice('ticket goes on', origin) as more
    from gathered
    where created_at <= now_is()
),

answered as (
    select
        *,
        case
            when part(bits, 0) < 0.06 then 'urgent'
            when part(bits, 0) < 0.24 then 'high'
            when part(bits, 0) < 0.80 then 'normal'
            else 'low'
        end as priority,
        created_at + to_minutes(cast(
            2 + case
                when part(bits, 0) < 0.06 then 45
                when part(bits, 0) < 0.24 then 150
                when part(bits, 0) < 0.80 then 420
                else 1400
            end * part(bits, 1) * part(bits, 1)
            -- the team has become quicker
            * (1.2 - 0.4 * (created_at::date - start_on()) / 730.0) as bigint
        )) as first_response_at
    from drawn
),

resolved as (
    select
        *,
        first_response_at + to_minutes(cast(
            6 + 7000 * part(bits, 2) * part(bits, 2) * part(bits, 2) as bigint
        )) as resolved_at,
        case when part(bits, 3) < 0.60 then 1 else 2 + cast(floor(4 * part(more, 0) * part(more, 0)) as bigint) end
            as contacts
    from answered
)

select
    'T' || (40000 + row_number() over (order by created_at, origin)) as ticket_id,
    customer_id,
    created_at,
    first_response_at,
    resolved_at,
    contacts,
    case when part(more, 1) > 0.985 or (contacts > 1 and part(more, 1) < 0.12) then 1 else 0 end as reopened_count,
    category,
    any_of(['phone', 'phone', 'phone', 'email', 'email', 'email', 'chat', 'chat', 'تلگرام'], part(more, 2)) as channel,
    priority,
    'A' || lpad(cast(1 + cast(floor(12 * part(more, 3)) as integer) as varchar), 2, '0') as agent_id
from resolved;

insert into tickets by name
select
    ticket_id,
    customer_id,
    created_at,
    if_past(first_response_at) as first_response_at,
    if_past(resolved_at) as resolved_at,
    -- contacts so far; nobody has answered yet where there was none
    case when resolved_at <= now_is() then contacts when first_response_at <= now_is() then 1 else 0 end as contacts,
    case when resolved_at <= now_is() then reopened_count else 0 end as reopened_count,
    category,
    channel,
    priority,
    agent_id
from draft.tickets;

-- Surveys: satisfaction after a ticket (1 to 5) or an order (1 to 10), recommendation (0 to 10) once a quarter.
create table draft.surveys as
with asked_quarters as (
    select
        people.customer_id,
        people.kind,
        people.is_key_account,
        people.created_at,
        concat_ws('|', people.customer_id, quarters.quarter) as origin,
        moment(
            quarters.quarter + cast(floor(89 * roll('asked on', people.customer_id || quarters.quarter)) as integer),
            25200 + 36000 * roll('asked at', people.customer_id || quarters.quarter)
        ) as responded_at
    from draft.people as people
    cross join (
        select distinct date_trunc('quarter', date_day)::date as quarter
        from draft.days
    ) as quarters
),

-- only whoever is a customer on that day is asked
asked_customers as (
    select asked.*
    from asked_quarters as asked
    semi join draft.subscriptions as subscriptions
        on asked.customer_id = subscriptions.customer_id
        and asked.responded_at >= subscriptions.started_on
        and asked.responded_at < subscriptions.ended_on
)

select
    'nps' as survey_type,
    'nps|' || origin as origin,
    responded_at,
    -- of 25 answers 13 are promoters, 8 are not sure and 4 are not pleased
    any_of(
        [10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 6, 5, 3, 1],
        roll('nps', origin)
    ) as score,
    10 as scale_max,
    customer_id,
    'email' as channel,
    cast(null as varchar) as agent_id
from asked_customers
where roll('answers', origin) < case when is_key_account then 0.5 when kind = 'office' then 0.25 else 0.12 end

union all

select
    'csat' as survey_type,
    'ticket|' || tickets.ticket_id as origin,
    tickets.resolved_at + to_minutes(cast(30 + 2000 * roll('csat at', ticket_id) as bigint)) as responded_at,
    -- whoever had to call twice is less pleased
    any_of(
        case
            when contacts = 1 then [5, 5, 5, 5, 5, 5, 4, 4, 4, 3]
            when contacts = 2 then [5, 5, 5, 5, 4, 4, 4, 4, 3, 2]
            else [5, 5, 4, 4, 4, 3, 3, 2, 2, 1]
        end, roll('csat', ticket_id)
    ) as score,
    -- where the scale is not written down it is five
    case when roll('csat scale', ticket_id) > 0.05 then 5 end as scale_max,
    tickets.customer_id,
    tickets.channel,
    tickets.agent_id
from draft.tickets as tickets
left join draft.people as people
    on tickets.customer_id = people.customer_id
where
    tickets.resolved_at <= now_is()
    -- key accounts are called
    and roll('csat answered', ticket_id) < case when people.is_key_account then 0.75 else 0.28 end

union all

select
    'csat' as survey_type,
    'order|' || order_id as origin,
    ordered_at + to_hours(cast(60 + 160 * roll('order csat at', order_id) as integer)) as responded_at,
    any_of([10, 10, 10, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 5, 3], roll('order csat', order_id)) as score,
    10 as scale_max,
    customer_id,
    'web' as channel,
    null as agent_id
from draft.orders
where way = 'web' and status = 'completed' and roll('order csat answered', order_id) < 0.14;

insert into survey_responses by name
select
    'SR' || (60000 + row_number() over (order by responded_at, origin)) as response_id,
    survey_type,
    responded_at,
    score,
    scale_max,
    customer_id,
    channel,
    agent_id
from draft.surveys
where responded_at between start_on() and now_is();
