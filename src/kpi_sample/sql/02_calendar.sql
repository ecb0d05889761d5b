-- When things happen: markets, campaigns, newsletters, and the weight of each day in each market.

-- Tehran, Berlin and the rest of the world. UTC hours between which people there are awake.
create table draft.markets as
from (values
    ('de', 0.38, 6.0, 22.0),
    ('ir', 0.52, 4.5, 20.5),
    ('world', 0.10, 0.5, 23.5)
) as markets (market, share, wakes_at, sleeps_at);

create table draft.region_weights as
from (values
    ('de', 'Berlin', 50), ('de', 'Hamburg', 28), ('de', 'München', 22),
    ('ir', 'تهران', 60), ('ir', 'اصفهان', 22), ('ir', 'مشهد', 18),
    ('world', 'International', 100)
) as regions (wheel, item, weight);

create table draft.region_wheel as from wheel('draft.region_weights');

create table draft.country_weights as
from (values
    ('de', 'AT', 9), ('de', 'CH', 6), ('de', 'DE', 85),
    ('ir', 'AE', 3), ('ir', 'IR', 93), ('ir', 'TR', 4),
    ('world', 'FR', 20), ('world', 'GB', 25), ('world', 'NL', 15), ('world', 'US', 40)
) as countries (wheel, item, weight);

create table draft.country_wheel as from wheel('draft.country_weights');

-- What returns every year. {g} is the Gregorian year, {j} the Jalali year that the campaign belongs to. A campaign
-- without a channel is everywhere; `lift` is the share of sales that it adds where it is.
create table draft.campaigns as
with yearly as (
    from (values
        ('Black Friday {g}', null, 11, 20, 11, 0.45, 621, 9000),
        ('یلدا {j}', null, 12, 10, 12, 0.35, 621, 7500),
        ('نوروز {j}', null, 3, 5, 15, 0.40, 621, 12000),
        ('Frühlingsröstung {g}', 'store', 4, 20, 14, 0.60, 621, 1500),
        ('Referral Bonus {g}', 'referral', 5, 15, 14, 0.80, 621, 900),
        ('Cold Brew Summer {g}', 'paid_social', 6, 25, 21, 0.90, 621, 1200),
        ('Back to Office {g}', 'field_sales', 9, 1, 21, 0.16, 621, 6500),
        ('مهرگان {j}', 'email', 10, 1, 10, 0.90, 621, 600)
    ) as templates (name, channel, month, day, days, lift, jalali_offset, budget)
),

dated as (
    select
        yearly.*,
        years.year,
        make_date(years.year, month, day) as started_on
    from yearly
    cross join (
        select unnest(range(year(start_on()), year(as_of()) + 1)) as year
    ) as years
)

select
    replace(replace(name, '{g}', cast(year as varchar)), '{j}', cast(year - jalali_offset as varchar)) as campaign,
    channel,
    started_on,
    started_on + cast(days - 1 as integer) as ended_on,
    lift,
    cast(round(budget * scale(), 2) as decimal(18, 4)) as budget
from dated
-- a campaign that is running has its planned end; one that has not begun is not known yet
where started_on between start_on() and as_of();

insert into campaigns by name
select
    campaign,
    channel,
    started_on,
    ended_on,
    budget
from draft.campaigns;

create table draft.campaign_days as
select
    campaign,
    channel,
    lift,
    unnest(range(started_on, least(ended_on, as_of()) + 1, interval 1 day))::date as date_day
from draft.campaigns;

create table draft.days as
with days as (
    select
        unnest(range(start_on(), as_of() + 1, interval 1 day))::date as date_day
),

lifts as (
    select
        date_day,
        sum(case when channel is null then lift else 0 end) as lift_everywhere,
        sum(case when channel = 'field_sales' then lift else 0 end) as lift_in_field,
        sum(case when channel = 'store' then lift else 0 end) as lift_in_stores,
        sum(case when channel not in ('field_sales', 'store') then lift else 0 end) as lift_on_web,
        min(case when channel is null then campaign end) as campaign_everywhere,
        min(case when channel is null or channel = 'field_sales' then campaign end) as campaign_in_field,
        min(case when channel is null or channel = 'store' then campaign end) as campaign_in_stores,
        min(case when channel not in ('field_sales', 'store') then campaign end) as campaign_on_web,
        min(case when channel not in ('field_sales', 'store') then channel end) as channel_on_web
    from draft.campaign_days
    group by date_day
)

select
    days.date_day,
    date_trunc('month', days.date_day)::date as month,
    isodow(days.date_day) as weekday,
    days.date_day - start_on() as day_number,
    -- the company grows by about 2 % a month
    cast(1 + 0.02 * (days.date_day - start_on()) / 30.4 as decimal(9, 4)) as growth,
    -- the shop's servers were down for two days
    days.date_day in (as_of() - 163, as_of() - 162) as is_outage,
    coalesce(lifts.lift_everywhere, 0) as lift_everywhere,
    coalesce(lifts.lift_in_field, 0) as lift_in_field,
    coalesce(lifts.lift_in_stores, 0) as lift_in_stores,
    coalesce(lifts.lift_on_web, 0) as lift_on_web,
    lifts.campaign_everywhere,
    lifts.campaign_in_field,
    lifts.campaign_in_stores,
    lifts.campaign_on_web,
    lifts.channel_on_web,
    -- every second Tuesday
    isodow(days.date_day) = 2 and (days.date_day - date '2020-01-07') % 14 = 0 as is_newsletter_day
from days
left join lifts
    on days.date_day = lifts.date_day;

-- The weight of a day by market and by what is done on it. Lists of weekdays begin with Monday: the Iranian weekend is
-- Thursday afternoon and Friday, the German one Saturday and Sunday. Nowruz is bought for until 19 March and spent
-- visiting until 2 April.
create table draft.market_days as
with weekdays as (
    from (values
        ('ir', 'visit', [1.05, 1.05, 1.00, 0.85, 0.50, 1.10, 1.10]),
        ('ir', 'office', [1.10, 1.05, 1.05, 0.50, 0.02, 1.10, 1.10]),
        ('ir', 'store', [0.95, 0.95, 1.00, 1.25, 0.40, 1.00, 1.00]),
        ('de', 'visit', [1.10, 1.10, 1.05, 1.00, 0.90, 0.65, 0.80]),
        ('de', 'office', [1.10, 1.15, 1.10, 1.05, 0.85, 0.03, 0.02]),
        ('de', 'store', [0.80, 0.85, 0.90, 1.00, 1.25, 1.60, 0.10]),
        ('world', 'visit', [1.05, 1.05, 1.05, 1.05, 1.00, 0.85, 0.90]),
        ('world', 'office', [1.05, 1.05, 1.05, 1.05, 1.00, 0.10, 0.10]),
        ('world', 'store', [1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00])
    ) as weekdays (market, activity, weights)
),

-- coffee is a winter business; offices are empty in August
months as (
    from (values
        ('visit', [1.06, 1.02, 1.00, 0.97, 0.95, 0.90, 0.88, 0.88, 0.98, 1.06, 1.14, 1.16]),
        ('office', [1.04, 1.04, 1.03, 1.00, 1.00, 0.97, 0.94, 0.92, 1.02, 1.06, 1.04, 0.98]),
        ('store', [1.02, 1.00, 1.00, 0.98, 0.96, 0.92, 0.90, 0.92, 0.98, 1.04, 1.10, 1.18])
    ) as months (activity, weights)
)

select
    weekdays.market,
    weekdays.activity,
    days.date_day,
    days.month,
    days.growth,
    cast(
        weekdays.weights[days.weekday]
        * months.weights[month(days.date_day)]
        * case
            when weekdays.market <> 'ir' then 1
            when strftime(days.date_day, '%m-%d') between '03-08' and '03-19' then 1.30
            when strftime(days.date_day, '%m-%d') between '03-20' and '04-02' then 0.40
            else 1
        end
        * case
            when weekdays.market <> 'ir' and strftime(days.date_day, '%m-%d') between '12-24' and '12-27' then 0.45
            else 1
        end
        * case
            when weekdays.activity = 'visit' then case when days.is_outage then 0.02 else 1 + days.lift_on_web / 4 end
            when weekdays.activity = 'office' then 1 + days.lift_everywhere * 0.6 + days.lift_in_field
            else 1 + days.lift_everywhere + days.lift_in_stores
        end
        * (1 + 0.07 * bell('day', concat_ws('|', weekdays.market, weekdays.activity, days.date_day)))
        as decimal(9, 4)
    ) as weight
from weekdays
inner join months
    on weekdays.activity = months.activity
cross join draft.days as days;

-- On which day of a month: a wheel per market, activity and month. Nobody orders on the web while it is down.
create table draft.day_weights as
select
    concat_ws('|', market, activity, month) as wheel,
    date_day as item,
    weight
from draft.market_days
where weight > 0.05;

create table draft.day_wheel as
select
    wheel,
    item as date_day,
    slot
from wheel('draft.day_weights');

-- How busy a month is beside a usual one; the first and the last may be parts of a month.
create table draft.market_months as
with sums as (
    select
        market,
        activity,
        month,
        sum(weight) as weight
    from draft.market_days
    group by all
)

select
    market,
    activity,
    month,
    cast(
        weight / (30.4375 * avg(cast(weight / day_count as decimal(18, 8))) over (partition by market, activity))
        as decimal(9, 4)
    ) as busyness
from sums
inner join (
    select
        month,
        count(*) as day_count
    from draft.days
    group by month
) as lengths
    using (month);

-- The thirty months before the first day, from which there are customers and deals already.
create table draft.history_days as
select
    date_day,
    cast(1 - 0.02 * (start_on() - date_day) / 30.4 as decimal(9, 4)) as growth
from (select unnest(range(start_on() - 913, start_on(), interval 1 day))::date as date_day) as days;
