-- Orders and their lines: from the web shop, from the field, from the two stores and from a marketplace. And the deals
-- with existing customers, because a won one is an order.

create table draft.products as
select
    row_number() over () as product_no,
    'P' || (100 + row_number() over ()) as product_id,
    *
from (values
    ('Espresso Sarv 1 kg', 'دانه قهوه', 24.90, 0.52, 100, 160, 5),
    ('Espresso Berlin 1 kg', 'دانه قهوه', 22.50, 0.53, 80, 120, 5),
    ('Filter Ethiopia 250 g', 'دانه قهوه', 9.80, 0.50, 70, 6, 0),
    ('Filter Colombia 250 g', 'دانه قهوه', 9.20, 0.50, 60, 6, 0),
    ('قهوه ترک ۵۰۰ گرم', 'دانه قهوه', 11.40, 0.54, 75, 30, 0),
    ('Decaf 1 kg', 'دانه قهوه', 26.00, 0.55, 30, 45, 2),
    ('House Blend 5 kg', 'دانه قهوه', 98.00, 0.55, 4, 140, 4),
    ('Office Crema 5 kg', 'دانه قهوه', 104.00, 0.54, 3, 150, 4),
    ('Single Origin Yemen 250 g', 'دانه قهوه', 17.90, 0.48, 18, 2, 0),
    ('Cold Brew Blend 500 g', 'دانه قهوه', 12.60, 0.50, 35, 10, 0),
    ('چای سیاه لاهیجان ۱ کیلوگرم', 'چای و دمنوش', 16.50, 0.48, 30, 55, 0),
    ('چای سبز ۵۰۰ گرم', 'چای و دمنوش', 12.20, 0.48, 18, 20, 0),
    ('دمنوش گل‌گاوزبان', 'چای و دمنوش', 8.40, 0.45, 20, 10, 0),
    ('Earl Grey 100 bags', 'چای و دمنوش', 13.90, 0.46, 14, 35, 0),
    ('Rooibos 250 g', 'چای و دمنوش', 10.10, 0.47, 12, 8, 0),
    ('Mug, white', 'Accessories', 11.00, 0.44, 34, 18, 0),
    ('Espresso cups, six', 'Accessories', 29.00, 0.46, 26, 16, 4),
    ('Milk jug 600 ml', 'Accessories', 24.00, 0.48, 20, 12, 8),
    ('Tamper 58 mm', 'Accessories', 32.00, 0.45, 14, 3, 6),
    ('Coffee scale', 'Accessories', 49.00, 0.52, 16, 3, 4),
    ('Paper filters, 100', 'Accessories', 5.90, 0.40, 44, 25, 0),
    ('Dripper V-shape', 'Accessories', 21.00, 0.44, 20, 2, 0),
    ('French press 1 l', 'Accessories', 34.00, 0.47, 18, 8, 0),
    ('جذوه مسی', 'Accessories', 38.00, 0.50, 16, 1, 0),
    ('Gift box یلدا', 'Accessories', 45.00, 0.52, 12, 14, 0),
    ('Reusable cup', 'Accessories', 16.00, 0.45, 22, 14, 0),
    ('Cleaning tablets, 60', 'Spare parts', 19.50, 0.42, 16, 60, 4),
    ('Descaler 1 l', 'Spare parts', 14.20, 0.43, 20, 50, 4),
    ('Water filter', 'Spare parts', 26.00, 0.48, 12, 48, 8),
    ('Group gasket', 'Spare parts', 9.00, 0.40, 6, 14, 2),
    ('Portafilter', 'Spare parts', 74.00, 0.55, 3, 4, 8),
    ('Grinder burrs', 'Spare parts', 58.00, 0.56, 2, 8, 4),
    ('Hand grinder', 'Grinders', 79.00, 0.60, 14, 1, 0),
    ('Grinder Home', 'Grinders', 189.00, 0.64, 8, 2, 3),
    ('Grinder Pro', 'Grinders', 449.00, 0.67, 1, 3, 40),
    ('Grinder Café', 'Grinders', 890.00, 0.69, 0, 1, 22),
    ('Moka pot', 'Espresso machines', 42.00, 0.55, 22, 0, 0),
    ('Espresso Mini', 'Espresso machines', 289.00, 0.66, 7, 1, 0),
    ('Espresso Home Duo', 'Espresso machines', 640.00, 0.68, 2, 1, 4),
    ('Office One', 'Espresso machines', 1190.00, 0.68, 0, 2, 42),
    ('Office Two', 'Espresso machines', 1890.00, 0.69, 0, 1, 30),
    ('Barista Two Group', 'Espresso machines', 3450.00, 0.70, 0, 0, 10)
) as products (product_name, product_category, price, cost_share, home_weight, office_weight, equipment_weight);

create table draft.product_weights as
select
    'home' as wheel,
    product_no as item,
    home_weight as weight
from draft.products

union all

select
    'office' as wheel,
    product_no as item,
    office_weight as weight
from draft.products

union all

select
    'equipment' as wheel,
    product_no as item,
    equipment_weight as weight
from draft.products;

create table draft.product_wheel as from wheel('draft.product_weights');

-- Deals with offices that we have: one office in twenty a month wants more, or something else.
create table draft.expansion_deals as
with asked as (
    select
        lives.customer_id,
        months.month,
        concat_ws('|', lives.customer_id, months.month) as deal,
        concat_ws('|', months.market, 'office', months.month) as wheel
    from draft.office_lives as lives
    inner join draft.people as people
        on lives.customer_id = people.customer_id
    inner join draft.market_months as months
        on people.market = months.market
        and months.activity = 'office'
    where roll('wants more', concat_ws('|', lives.customer_id, months.month)) < 0.055 * months.busyness
),

dated as (
    select
        asked.customer_id,
        asked.deal,
        office_hour(days.date_day, roll('wants more at', asked.deal)) as created_at
    from asked
    inner join draft.day_wheel as days
        on asked.wheel = days.wheel
        and slot(roll('wants more on', asked.deal)) = days.slot
    inner join draft.office_lives as lives
        on asked.customer_id = lives.customer_id
        and days.date_day between lives.alive_from + 30 and lives.alive_until - 1
),

drawn as (
    select
        *,
        dice('expansion', deal) as bits,
        1 + cast(floor(5 * roll('expansion score', deal)) as integer) as score
    from dated
)

select
    customer_id,
    deal,
    created_at,
    score,
    case when part(bits, 0) < 0.6 then 'upsell' else 'cross_sell' end as opportunity_type,
    part(bits, 1) < [0.28, 0.36, 0.45, 0.55, 0.65][score] as is_won,
    round(300 + 3200 * part(bits, 2) * part(bits, 2), -1) as amount,
    [
        3 + cast(floor(18 * part(bits, 3)) as integer), 2 + cast(floor(14 * roll('expansion days', deal)) as integer)
    ] as days_in_stages
from drawn;

-- An order before its lines: who, when, by which way. `quantity` makes large offices order more of everything.
create table draft.order_heads as
with web_first as (
    select
        visits.session_id as origin,
        people.customer_id,
        visits.market,
        visits.channel,
        visits.campaign,
        converted_at(visits.started_at, visits.outcome, visits.pages, visits.pace) + interval 2 seconds as ordered_at,
        'home' as basket,
        1.0 as quantity,
        null as sale_type,
        'web' as way
    from draft.visits as visits
    left join draft.people as people
        on visits.visitor_id = people.origin
    where visits.outcome = 'purchase'
),

-- homes that know us order again, subscribers less often because their coffee comes anyway
web_again as (
    select
        people.customer_id || '|' || months.month as origin,
        people.customer_id,
        people.market,
        people.created_at,
        concat_ws('|', months.market, 'visit', months.month) as wheel,
        dice('orders again', people.customer_id || '|' || months.month) as bits
    from draft.people as people
    inner join draft.market_months as months
        on people.market = months.market
        and months.activity = 'visit'
    where
        people.kind = 'home'
        and roll('orders in month', people.customer_id || '|' || months.month)
        < case when people.is_former then 0.020 when people.starts_on is null then 0.060 else 0.035 end
        * months.busyness
),

web_repeated as (
    select
        'again|' || again.origin as origin,
        again.customer_id,
        again.market,
        case
            when part(again.bits, 1) < 0.6 and calendar.channel_on_web is not null then calendar.channel_on_web
            else any_of(
                [
                    'email', 'email', 'email', 'direct', 'direct', 'direct', 'organic_search', 'organic_search',
                    'organic_social'
                ], part(again.bits, 0)
            )
        end as channel,
        case when part(again.bits, 1) < 0.6 then coalesce(calendar.campaign_on_web, calendar.campaign_everywhere) end
            as campaign,
        moment(days.date_day, 21600 + 43200 * part(again.bits, 2)) as ordered_at,
        'home' as basket,
        1.2 as quantity,
        any_of(
            ['repeat', 'repeat', 'repeat', 'repeat', 'repeat', 'repeat', 'repeat', 'repeat', 'cross_sell', 'upsell'],
            part(again.bits, 3)
        ) as sale_type,
        'web' as way
    from web_again as again
    inner join draft.day_wheel as days
        on again.wheel = days.wheel
        and slot(roll('orders again on', again.origin)) = days.slot
        and days.date_day > again.created_at::date
    inner join draft.days as calendar
        on days.date_day = calendar.date_day
),

-- offices order up to a few times a month from their rep
office_months as (
    select
        people.customer_id,
        people.market,
        people.campaign,
        people.segment,
        months.month,
        unnest(range(
            about(
                case people.segment
                    when 'Enterprise' then 1.7 when 'Mid-market' then 1.0 when 'کافه و رستوران' then 0.95 else 0.55
                end * 0.85 * months.busyness,
                roll('office orders', concat_ws('|', people.customer_id, months.month))
            )
        )) as number
    from draft.people as people
    inner join draft.market_months as months
        on people.market = months.market
        and months.activity = 'office'
    where people.kind = 'office'
),

office_repeated as (
    select
        concat_ws('|', 'office', months.customer_id, months.month, months.number) as origin,
        months.customer_id,
        months.market,
        'field_sales' as channel,
        -- three in ten answer the last Office Update (see 12), others a campaign, or the one that won them once
        case
            when
                roll('office campaign', concat_ws('|', months.customer_id, months.month, months.number)) < 0.30
                and days.date_day - 18 >= start_on()
                then 'Office Update ' || strftime(days.date_day - 17, '%Y-%m')
            when roll('office campaign', concat_ws('|', months.customer_id, months.month, months.number)) < 0.75
                then coalesce(calendar.campaign_in_field, months.campaign)
        end as campaign,
        office_hour(
            days.date_day, roll('office order at', concat_ws('|', months.customer_id, months.month, months.number))
        ) as ordered_at,
        'office' as basket,
        case months.segment when 'Enterprise' then 2.6 when 'Mid-market' then 1.2 else 0.7 end as quantity,
        'repeat' as sale_type,
        'field' as way
    from office_months as months
    inner join draft.day_wheel as days
        on concat_ws('|', months.market, 'office', months.month) = days.wheel
        and slot(roll('office order on', concat_ws('|', months.customer_id, months.month, months.number))) = days.slot
    inner join draft.office_lives as lives
        on months.customer_id = lives.customer_id
        and days.date_day between lives.alive_from + 10 and lives.alive_until - 1
    inner join draft.days as calendar
        on days.date_day = calendar.date_day
),

-- a new office begins with machines
office_first as (
    select
        'first|' || people.customer_id as origin,
        people.customer_id,
        people.market,
        'field_sales' as channel,
        people.campaign,
        office_hour(people.starts_on, roll('first order at', people.customer_id)) as ordered_at,
        'equipment' as basket,
        1.0 as quantity,
        'new' as sale_type,
        'field' as way
    from draft.people as people
    where people.kind = 'office' and not people.is_former and people.starts_on <= as_of()
),

office_expanded as (
    select
        'deal|' || deals.deal as origin,
        deals.customer_id,
        people.market,
        'field_sales' as channel,
        calendar.campaign_in_field as campaign,
        deals.created_at + to_days(cast(list_sum(deals.days_in_stages) as integer)) as ordered_at,
        case deals.opportunity_type when 'upsell' then 'equipment' else 'office' end as basket,
        1.5 as quantity,
        deals.opportunity_type as sale_type,
        'field' as way
    from draft.expansion_deals as deals
    inner join draft.people as people
        on deals.customer_id = people.customer_id
    inner join draft.days as calendar
        on (deals.created_at + to_days(cast(list_sum(deals.days_in_stages) as integer)))::date = calendar.date_day
    where deals.is_won
),

-- two stores and a marketplace; in the stores one buyer in four has a customer card
counter_days as (
    select
        days.market,
        kinds.channel,
        days.date_day,
        unnest(range(
            about(
                scale() * kinds.daily * days.growth * days.weight,
                roll('counter orders', concat_ws('|', days.market, kinds.channel, days.date_day))
            )
        )) as number
    from draft.market_days as days
    inner join (
        from (values ('ir', 'store', 1.9), ('de', 'store', 1.5), ('ir', 'marketplace', 1.4), ('de', 'marketplace', 0.7))
            as kinds (market, channel, daily)
    ) as kinds
        on days.market = kinds.market
    where days.activity = 'store'
),

counter as (
    select
        concat_ws('|', market, channel, date_day, number) as origin,
        market,
        channel,
        date_day,
        dice('counter', concat_ws('|', market, channel, date_day, number)) as bits
    from counter_days
),

-- homes of a market by the day they became customers, so that a card belongs to somebody who has one by then
card_holders as (
    select
        customer_id,
        market,
        created_at::date as created_on,
        row_number() over (partition by market order by created_at, customer_id) as card_no
    from draft.people
    where kind = 'home' and region in ('تهران', 'Berlin')
),

cards_by_day as (
    select
        days.date_day,
        days.market,
        cards.cards
    from draft.market_days as days
    asof inner join (
        select
            market,
            created_on,
            max(card_no) as cards
        from card_holders
        group by market, created_on
    ) as cards
        on days.market = cards.market
        and days.date_day > cards.created_on
    where days.activity = 'store'
),

counter_orders as (
    select
        counter.origin,
        holders.customer_id,
        counter.market,
        counter.channel,
        case
            when part(counter.bits, 1) >= 0.5 then null
            when counter.channel = 'store' then calendar.campaign_in_stores
            else calendar.campaign_everywhere
        end as campaign,
        moment(counter.date_day, 25200 + 36000 * part(counter.bits, 2)) as ordered_at,
        'home' as basket,
        0.9 as quantity,
        case when holders.customer_id is not null then 'repeat' end as sale_type,
        counter.channel as way
    from counter
    inner join draft.days as calendar
        on counter.date_day = calendar.date_day
    left join cards_by_day as cards
        on case when counter.channel = 'store' and part(counter.bits, 0) < 0.25 then counter.market end = cards.market
        and counter.date_day = cards.date_day
    left join card_holders as holders
        on cards.market = holders.market
        and 1 + cast(floor(cards.cards * roll('card', counter.origin)) as bigint) = holders.card_no
),

gathered as (
    select * from web_first
    union all
    select * from web_repeated
    union all
    select * from office_repeated
    union all
    select * from office_first
    union all
    select * from office_expanded
    union all
    select * from counter_orders
)

select
    row_number() over (order by ordered_at, origin) as order_no,
    'O' || (500000 + row_number() over (order by ordered_at, origin)) as order_id,
    *,
    dice('order', origin) as bits,
    dice('order goes on', origin) as more
from gathered
where ordered_at <= now_is();

-- Lines: what is in the basket, at list price less the order's discount.
create table draft.order_lines as
with counted as (
    select
        *,
        case
            when campaign is not null and part(more, 0) < 0.5 then 0.15
            when basket = 'office' then [0.00, 0.05, 0.08, 0.12][1 + cast(floor(4 * part(more, 0)) as integer)]
            when part(more, 0) > 0.8 then 0.10
            else 0
        end as discount_share,
        case
            when part(bits, 0) < 0.040 then 'cancelled'
            when part(bits, 0) < 0.062 then 'returned'
            when ordered_at::date > as_of() - 4 and part(bits, 0) < 0.5 then 'pending'
            else 'completed'
        end as status,
        unnest(range(1, 2 + case basket
            when 'home' then cast(floor(3.2 * part(bits, 1) * part(bits, 1)) as bigint)
            when 'office' then 1 + cast(floor(4 * part(bits, 1)) as bigint)
            else cast(floor(2 * part(bits, 1)) as bigint)
        end)) as line
    from draft.order_heads
),

drawn as (
    select
        counted.order_no,
        counted.order_id,
        counted.status,
        counted.basket,
        counted.quantity as size,
        counted.discount_share,
        counted.line,
        dice('line', concat_ws('|', counted.origin, counted.line)) as bits
    from counted
),

priced as (
    select
        drawn.*,
        products.product_id,
        products.product_name,
        products.product_category,
        products.price,
        round(products.price * products.cost_share, 2) as unit_cost,
        case
            when drawn.basket = 'equipment' or products.product_category in ('Grinders', 'Espresso machines') then 1
            when drawn.basket = 'home' then 1 + cast(floor(2.3 * part(drawn.bits, 1) * part(drawn.bits, 1)) as integer)
            when products.price > 90 then 1 + cast(floor(3 * drawn.size * part(drawn.bits, 1)) as integer)
            when products.product_category in ('دانه قهوه', 'چای و دمنوش')
                then 3 + cast(floor(18 * drawn.size * part(drawn.bits, 1)) as integer)
            else 1 + cast(floor(8 * drawn.size * part(drawn.bits, 1)) as integer)
        end as quantity
    from drawn
    inner join draft.product_wheel as wheel
        on drawn.basket = wheel.wheel
        and slot(part(drawn.bits, 0)) = wheel.slot
    inner join draft.products as products
        on wheel.item = products.product_no
)

select
    order_no,
    order_id,
    line,
    status,
    product_id,
    product_name,
    product_category,
    quantity,
    cast(price as decimal(18, 4)) as unit_price,
    cast(round(quantity * price * (1 - discount_share), 2) as decimal(18, 4)) as revenue,
    cast(quantity * price as decimal(18, 4)) as gross,
    cast(quantity * unit_cost as decimal(18, 4)) as cost,
    case
        when status = 'returned' then quantity
        when status = 'completed' and part(bits, 2) < 0.035
            then 1 + cast(floor(quantity * part(bits, 3) * 0.7) as integer)
        when status = 'completed' then 0
    end as quantity_returned
from priced;

insert into order_lines by name
select
    order_id || '-' || line as order_line_id,
    order_id,
    product_id,
    product_name,
    product_category,
    quantity,
    unit_price,
    revenue,
    quantity_returned
from draft.order_lines;

create table draft.orders as
with sums as (
    select
        order_no,
        any_value(status) as status,
        sum(revenue) as revenue,
        sum(gross) - sum(revenue) as discount,
        sum(cost) as cost
    from draft.order_lines
    group by order_no
)

select
    heads.order_no,
    heads.order_id,
    heads.origin,
    heads.customer_id,
    heads.market,
    heads.ordered_at,
    heads.way,
    heads.channel,
    heads.campaign,
    coalesce(people.region, regions.item) as region,
    people.territory,
    sums.status,
    sums.revenue,
    sums.cost,
    sums.discount,
    -- whoever was a customer before the first day has bought before
    case
        when heads.customer_id is null then 'new'
        when not people.is_former
            and row_number() over (partition by heads.customer_id order by heads.order_no) = 1 then 'new'
        when heads.sale_type is null or heads.sale_type = 'new' then 'repeat'
        else heads.sale_type
    end as sale_type
from draft.order_heads as heads
inner join sums
    on heads.order_no = sums.order_no
left join draft.people as people
    on heads.customer_id = people.customer_id
inner join draft.region_wheel as regions
    on heads.market = regions.wheel
    and slot(part(heads.bits, 2)) = regions.slot;

insert into orders by name
select
    orders.order_id,
    orders.customer_id,
    reps.rep_id,
    orders.ordered_at,
    orders.status,
    orders.revenue,
    orders.cost,
    orders.discount,
    orders.channel,
    orders.region,
    orders.campaign,
    orders.sale_type,
    case when orders.status = 'cancelled' then orders.ordered_at::date end as cancelled_on
from draft.orders as orders
left join draft.rep_days as reps
    on case when orders.way = 'field' then orders.territory end = reps.territory
    and orders.ordered_at::date = reps.date_day;
