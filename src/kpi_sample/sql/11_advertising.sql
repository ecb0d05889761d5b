-- Advertising, search and what marketing costs. Clicks are those that became visits, and a few more that did not wait.

-- what came of each ad unit and day
create table draft.ad_visits as
select
    date_day,
    ad_unit,
    count(*) as visits,
    count_if(outcome in ('purchase', 'sign up', 'lead', 'contact')) as conversions
from draft.visits
where ad_unit is not null
group by
    date_day,
    ad_unit;

create table draft.ads as
with running as (
    select
        units.*,
        days.date_day,
        concat_ws('|', units.unit, days.date_day) as number,
        markets.growth * markets.weight as busyness
    from draft.ad_units as units
    inner join draft.days as days
        on true
    inner join draft.market_days as markets
        on days.date_day = markets.date_day
        and coalesce(units.market, 'ir') = markets.market
        and markets.activity = 'visit'
    where
        units.market is not null
        or (units.campaign, days.date_day) in (select (campaign, date_day) from draft.campaign_days)
),

drawn as (
    select
        running.*,
        coalesce(visits.visits, 0) as visits,
        coalesce(visits.conversions, 0) as conversions,
        dice('ad', running.number) as bits
    from running
    left join draft.ad_visits as visits
        on running.unit = visits.ad_unit
        and running.date_day = visits.date_day
),

clicked as (
    select
        *,
        about(visits * 1.12, part(bits, 0)) as clicks
    from drawn
),

priced as (
    select
        *,
        clicks * click_price * (0.8 + 0.4 * part(bits, 3)) as cost
    from clicked
)

select
    *,
    clicks
    + about(
        -- shown to many who did not click, also on a day without any click
        (clicks + scale() * weight * busyness / 90) / click_rate * (0.75 + 0.3 * part(bits, 1)), part(bits, 2)
    ) as impressions,
    case
        -- billed in euros; whole cents times a rate of whole cents need no rounding
        when platform = 'meta_ads'
            then cast(round(cost / rate_on('EUR', date_day), 2) as decimal(14, 2)) * cast(rate_on('EUR', date_day) as decimal(4, 2))
        else cast(round(cost, 2) as decimal(18, 4))
    end as spend
from priced;

insert into ad_performance by name
select
    date_day as date,
    platform,
    campaign,
    ad_group,
    keyword,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(spend) as spend,
    -- the tools share a conversion among the clicks that led to it
    sum(cast(round(conversions * (0.72 + 0.4 * part(bits, 2)), 2) as decimal(18, 4))) as conversions,
    case when platform = 'meta_ads' then sum(cast(floor(impressions * (0.05 + 0.05 * part(bits, 1))) as bigint)) end
        as video_views
from draft.ads
where impressions > 0
group by
    date_day,
    platform,
    campaign,
    ad_group,
    keyword;

-- Search: which query shows which page, in which place.
create table draft.queries as
with queries as (
    from (values
        ('de', 'sarvcafe', '/de/', 14, 1.1), ('de', 'sarv cafe berlin', '/de/', 6, 1.3),
        ('de', 'sarvcafe abo', '/de/subscription', 3, 1.2), ('de', 'kaffeebohnen kaufen', '/de/shop/beans', 14, 9.5),
        ('de', 'espresso bohnen', '/de/shop/beans', 12, 8.2), ('de', 'kaffee abo', '/de/subscription', 8, 6.4),
        ('de', 'kaffeeservice büro', '/de/office', 8, 7.1), ('de', 'kaffeemaschine büro mieten', '/de/office', 7, 8.9),
        ('de', 'siebträger einstellen', '/de/blog/espresso', 11, 4.8),
        ('de', 'kaffeemühle mahlgrad', '/de/blog/grinder', 10, 5.2),
        ('de', 'entkalker kaffeemaschine', '/de/shop', 7, 11.0),
        ('ir', 'سرو کافه', '/fa/', 16, 1.1), ('ir', 'سروکافه', '/fa/', 8, 1.2), ('ir', 'sarvcafe', '/fa/', 6, 1.1),
        ('ir', 'خرید دانه قهوه', '/fa/shop/beans', 16, 6.8), ('ir', 'قیمت قهوه', '/fa/shop/beans', 14, 9.1),
        ('ir', 'خرید اسپرسوساز', '/fa/shop/machines', 12, 8.4), ('ir', 'دستگاه قهوه اداری', '/fa/office', 7, 5.5),
        ('ir', 'اشتراک قهوه', '/fa/subscription', 5, 3.2), ('ir', 'طرز تهیه قهوه ترک', '/fa/blog/espresso', 14, 4.1),
        ('ir', 'آسیاب قهوه', '/fa/blog/grinder', 9, 6.3), ('ir', 'هدیه یلدا قهوه', '/fa/shop', 4, 5.0),
        ('world', 'sarvcafe', '/en/', 14, 1.2), ('world', 'persian coffee beans', '/en/shop/beans', 22, 3.6),
        ('world', 'specialty coffee berlin', '/en/', 20, 7.4),
        ('world', 'how to dial in espresso', '/en/blog/espresso', 30, 8.8),
        ('world', 'office coffee service berlin', '/en/office', 14, 6.0)
    ) as queries (market, query, page, weight, position)
),

devices as (
    from (values ('mobile', 0.64), ('desktop', 0.36)) as devices (device, share)
)

select
    queries.*,
    devices.device,
    devices.share * queries.weight / sum(devices.share * queries.weight) over (partition by queries.market) as share
from queries
cross join devices;

insert into search_performance by name
with organic_days as (
    select
        date_day,
        market,
        count(*) as visits
    from draft.visits
    where source = 'google' and channel = 'organic_search'
    group by
        date_day,
        market
),

shown as (
    select
        days.date_day,
        queries.*,
        dice('search', concat_ws('|', queries.market, queries.query, queries.device, days.date_day)) as bits,
        days.visits * queries.share as expected_clicks,
        -- two years of work on the site move it up by a quarter
        greatest(
            1,
            queries.position * (1.15 - 0.3 * (days.date_day - start_on()) / 730.0)
            * (0.85 + 0.3 * roll('position', concat_ws('|', queries.market, queries.query, days.date_day)))
        ) as place
    from organic_days as days
    inner join draft.queries as queries
        on days.market = queries.market
),

counted as (
    select
        *,
        about(expected_clicks * 1.04, part(bits, 0)) as clicks,
        about(
            expected_clicks * (0.7 + 0.6 * part(bits, 1)) / case when place < 1.6 then 0.38 else 0.22 / place end,
            part(bits, 2)
        ) as shown_without_click
    from shown
)

select
    date_day as date,
    query,
    page,
    case market when 'ir' then 'IR' when 'de' then 'DE' else 'US' end as country,
    device,
    clicks,
    clicks + shown_without_click as impressions,
    round(place, 2) as position
from counted
where clicks + shown_without_click > 0;

-- Marketing spend: media is what the ad platforms bill, day by day; the rest comes by the month or with a campaign.
create table draft.spend as
with months as (
    select
        month,
        min(date_day) as first_day,
        max(date_day) as last_day,
        min(growth) as growth
    from draft.days
    group by month
)

select
    date_day as date,
    'media' as category,
    channel,
    campaign,
    -- in dollars, as the bank took it
    cast(round(sum(spend), 2) as decimal(18, 4)) as amount
from draft.ads
group by
    date_day,
    channel,
    campaign
having sum(spend) > 0.005

union all

select
    last_day as date,
    'salaries' as category,
    null as channel,
    null as campaign,
    cast(round(8800 * scale() * growth, 2) as decimal(18, 4)) as amount
from months
-- nobody is paid before the month is over
where last_day = last_day(last_day)

union all

select
    first_day + 4 as date,
    'tools' as category,
    null as channel,
    null as campaign,
    cast(round(1350 * scale() * growth, 2) as decimal(18, 4)) as amount
from months
where first_day + 4 <= as_of()

union all

select
    months.first_day as date,
    'agency' as category,
    shares.channel,
    null as campaign,
    cast(round(shares.monthly * scale() * months.growth, 2) as decimal(18, 4)) as amount
from months
cross join (
    from (values ('paid_search', 750), ('paid_social', 550), ('organic_search', 500), ('email', 200))
        as shares (channel, monthly)
) as shares

union all

-- what a campaign costs beside its media: design before it begins, printing and samples on its first day
select
    campaigns.started_on as date,
    kinds.category,
    campaigns.channel,
    campaigns.campaign,
    cast(round(campaigns.budget * kinds.share, 2) as decimal(18, 4)) as amount
from draft.campaigns as campaigns
cross join (from (values ('agency', 0.22), ('other', 0.30)) as kinds (category, share)) as kinds

union all

-- the fairs
select
    first_day + 9 as date,
    'other' as category,
    'event' as channel,
    null as campaign,
    cast(round(5200 * scale(), 2) as decimal(18, 4)) as amount
from months
where month(month) in (2, 5, 10) and first_day + 9 <= as_of();

insert into marketing_spend by name
select *
from draft.spend;
