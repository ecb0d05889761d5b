-- Visits of the web site by people we do not know yet: who comes, from where, and what it leads to. Customers who come
-- back to order again follow in 09, with what every visit clicks through, event by event.

-- What is bought as advertising: one row per ad group and keyword, those of Google by search term.
create table draft.ad_units as
with evergreen as (
    from (values
        ('google_ads', 'paid_search', 'Brand Search', 'Brand', 'sarvcafe', 'de', 20, 0.60, 0.160),
        ('google_ads', 'paid_search', 'Brand Search', 'Brand', 'sarv coffee', 'de', 8, 0.70, 0.140),
        ('google_ads', 'paid_search', 'Brand Search', 'Brand', 'سرو کافه', 'ir', 16, 0.40, 0.150),
        ('google_ads', 'paid_search', 'Office Machines DE', 'Machines', 'kaffeeautomat büro', 'de', 18, 5.80, 0.035),
        ('google_ads', 'paid_search', 'Office Machines DE', 'Machines', 'kaffeemaschine mieten', 'de', 16, 5.10, 0.038),
        ('google_ads', 'paid_search', 'Office Machines DE', 'Machines', 'coffee machine office', 'de', 9, 4.60, 0.030),
        ('google_ads', 'paid_search', 'Office Machines DE', 'Service', 'kaffeeservice firma', 'de', 10, 4.90, 0.042),
        ('google_ads', 'paid_search', 'Office Machines DE', 'Service', 'kaffee flatrate büro', 'de', 6, 4.20, 0.045),
        ('google_ads', 'paid_search', 'قهوه اداری', 'دستگاه', 'دستگاه قهوه اداری', 'ir', 22, 1.90, 0.044),
        ('google_ads', 'paid_search', 'قهوه اداری', 'دستگاه', 'اجاره دستگاه اسپرسو', 'ir', 16, 2.10, 0.040),
        ('google_ads', 'paid_search', 'قهوه اداری', 'دستگاه', 'خرید اسپرسوساز', 'ir', 18, 1.70, 0.036),
        ('google_ads', 'paid_search', 'قهوه اداری', 'دانه', 'قیمت قهوه عربیکا', 'ir', 20, 0.90, 0.052),
        ('google_ads', 'paid_search', 'قهوه اداری', 'دانه', 'خرید دانه قهوه', 'ir', 26, 1.00, 0.055),
        ('google_ads', 'paid_search', 'Beans Online', 'Beans', 'kaffeebohnen kaufen', 'de', 20, 1.60, 0.041),
        ('google_ads', 'paid_search', 'Beans Online', 'Beans', 'espresso bohnen', 'de', 16, 1.50, 0.039),
        ('google_ads', 'paid_search', 'Beans Online', 'Subscription', 'kaffee abo', 'de', 14, 1.90, 0.047),
        ('google_ads', 'paid_search', 'Beans Online', 'Beans', 'specialty coffee beans', 'world', 60, 1.40, 0.028),
        ('google_ads', 'paid_search', 'Beans Online', 'Subscription', 'coffee subscription', 'world', 40, 1.80, 0.030),
        ('meta_ads', 'paid_social', 'Retargeting', 'Cart visitors', null, 'de', 40, 0.90, 0.014),
        ('meta_ads', 'paid_social', 'Retargeting', 'Cart visitors', null, 'ir', 40, 0.50, 0.015),
        ('meta_ads', 'paid_social', 'Home Subscription', 'Lookalike', null, 'de', 35, 1.10, 0.009),
        ('meta_ads', 'paid_social', 'Home Subscription', 'Interest coffee', null, 'de', 25, 1.00, 0.008),
        ('meta_ads', 'paid_social', 'Home Subscription', 'Interest coffee', null, 'world', 100, 1.00, 0.008),
        ('meta_ads', 'paid_social', 'اشتراک خانگی', 'علاقه‌مندان قهوه', null, 'ir', 60, 0.55, 0.011)
    ) as units (platform, channel, campaign, ad_group, keyword, market, weight, click_price, click_rate)
),

seasonal as (
    select
        offers.platform,
        offers.channel,
        campaigns.campaign,
        offers.ad_group,
        offers.keyword,
        cast(null as varchar) as market,
        offers.weight,
        offers.click_price,
        offers.click_rate
    from draft.campaigns as campaigns
    inner join (
        from (values
            ('google_ads', 'paid_search', 'Offers', 'espresso machine deal', 40, 2.20, 0.050),
            ('google_ads', 'paid_search', 'Offers', 'تخفیف قهوه', 60, 0.90, 0.060),
            ('meta_ads', 'paid_social', 'Prospecting', null, 60, 0.80, 0.012),
            ('meta_ads', 'paid_social', 'Story', null, 40, 0.70, 0.010)
        ) as offers (platform, channel, ad_group, keyword, weight, click_price, click_rate)
    ) as offers
        on campaigns.channel is null or campaigns.channel = offers.channel
)

select
    row_number() over (order by market nulls last, campaign, ad_group, keyword nulls last, platform) as unit,
    *
from (
    from evergreen
    union all
    from seasonal
) as units;

-- A visit that an advertisement brought belongs to a campaign of its day, or to one that always runs in its market.
create table draft.ad_weights as
select
    concat_ws('|', coalesce(market, campaign), channel) as wheel,
    unit as item,
    weight
from draft.ad_units;

create table draft.ad_wheel as from wheel('draft.ad_weights');

-- Where visits come from: by market on usual days, and by channel for those that a campaign adds.
create table draft.traffic_weights as
with sources as (
    from (values
        ('ir', 'google', 'organic', 'organic_search', 36), ('ir', '(direct)', '(none)', 'direct', 18),
        ('ir', 'instagram', 'social', 'organic_social', 13), ('ir', 'telegram', 'social', 'organic_social', 7),
        ('ir', 'google', 'cpc', 'paid_search', 10), ('ir', 'instagram', 'paid_social', 'paid_social', 4),
        ('ir', 'newsletter', 'email', 'email', 6), ('ir', 'ghahve-mag.example', 'referral', 'referral', 4),
        ('ir', 'sharifcafe.example', 'referral', 'referral', 2),
        ('de', 'google', 'organic', 'organic_search', 38), ('de', 'bing', 'organic', 'organic_search', 4),
        ('de', '(direct)', '(none)', 'direct', 16), ('de', 'google', 'cpc', 'paid_search', 14),
        ('de', 'instagram', 'social', 'organic_social', 6), ('de', 'linkedin', 'social', 'organic_social', 4),
        ('de', 'facebook', 'paid_social', 'paid_social', 5), ('de', 'newsletter', 'email', 'email', 7),
        ('de', 'kaffeewelt.example', 'referral', 'referral', 4),
        ('de', 'buero-blog.example', 'referral', 'referral', 2),
        ('world', 'google', 'organic', 'organic_search', 52), ('world', '(direct)', '(none)', 'direct', 22),
        ('world', 'google', 'cpc', 'paid_search', 7), ('world', 'facebook', 'paid_social', 'paid_social', 3),
        ('world', 'x', 'social', 'organic_social', 8), ('world', 'coffeedesk.example', 'referral', 'referral', 8),
        ('everywhere', 'newsletter', 'email', 'email', 35), ('everywhere', 'google', 'cpc', 'paid_search', 22),
        ('everywhere', 'instagram', 'paid_social', 'paid_social', 28),
        ('everywhere', 'instagram', 'social', 'organic_social', 15),
        ('email', 'newsletter', 'email', 'email', 100),
        ('paid_social', 'instagram', 'paid_social', 'paid_social', 100),
        ('referral', 'friends', 'referral', 'referral', 100)
    ) as sources (wheel, source, medium, channel, weight)
)

select
    wheel,
    {'source': source, 'medium': medium, 'channel': channel} as item,
    weight
from sources;

create table draft.traffic_wheel as from wheel('draft.traffic_weights');

-- How many visits each day sees, and how many there were before it: visits are numbered by market in order of time.
create table draft.visit_days as
with usual as (
    select
        days.market,
        days.date_day,
        cast(null as varchar) as campaign,
        days.market as wheel,
        getvariable('visits') * markets.share * days.growth * days.weight
            / sum(days.growth * days.weight) over (partition by days.market) as visits
    from draft.market_days as days
    inner join draft.markets as markets
        on days.market = markets.market
    where days.activity = 'visit'
),

with_campaigns as (
    select * from usual

    union all

    select
        usual.market,
        usual.date_day,
        campaigns.campaign,
        coalesce(campaigns.channel, 'everywhere') as wheel,
        usual.visits * campaigns.lift * case when campaigns.channel is null then 0.8 else 0.15 end as visits
    from usual
    inner join draft.campaign_days as campaigns
        on usual.date_day = campaigns.date_day
    where coalesce(campaigns.channel, '') not in ('field_sales', 'store')
),

counted as (
    select
        market,
        date_day,
        campaign,
        wheel,
        about(visits, roll('visits', concat_ws('|', market, date_day, campaign))) as visits
    from with_campaigns
)

select
    *,
    cast(
        sum(visits) over (partition by market order by date_day, campaign nulls first)
        - visits as bigint
    ) as visits_before
from counted;

-- The newsletter that somebody has last received.
create table draft.newsletters as
select
    date_day,
    'Newsletter ' || strftime(
        max(case when is_newsletter_day then date_day end) over (order by date_day), '%Y-%m-%d'
    ) as newsletter
from draft.days;

-- A table of its own, because a table is read by all threads and an unnested list by one.
create table draft.numbered_visits as
select
    market,
    date_day,
    campaign,
    wheel,
    visits_before + 1 + unnest(range(visits)) as visit_no
from draft.visit_days;

-- Visitors are numbered too. Six visits in ten bring somebody new; the others come back, soon rather than late, and for
-- the last time after about 45 days. What is theirs (country, device) is drawn by visitor, so that it stays the same.
create table draft.visits as
with reach as (
    select
        market,
        0.62 * 45 * sum(visits) / count(distinct date_day) as reach
    from draft.visit_days
    group by market
),

thrown as (
    select
        *,
        dice('visit', market || visit_no) as bits,
        dice('visit goes on', market || visit_no) as more
    from draft.numbered_visits
),

recognised as (
    select
        thrown.*,
        -- on the first day there are people already who can come back
        cast(floor(
            1 + reach.reach + 0.62 * visit_no - part(bits, 0) * part(bits, 0) * part(bits, 0) * reach.reach
        ) as bigint) as visitor_no
    from thrown
    inner join reach
        on thrown.market = reach.market
),

drawn as (
    select
        *,
        dice('visitor', market || visitor_no) as who
    from recognised
),

described as (
    select
        drawn.market,
        drawn.date_day,
        drawn.visit_no,
        drawn.visitor_no,
        drawn.who,
        drawn.bits,
        drawn.more,
        drawn.campaign is not null as is_lifted,
        countries.item as country,
        case
            when part(drawn.who, 1) < case drawn.market when 'ir' then 0.72 else 0.56 end then 'mobile'
            when part(drawn.who, 1) < 0.97 then 'desktop'
            else 'tablet'
        end as device,
        traffic.item.source as source,
        traffic.item.medium as medium,
        traffic.item.channel as channel,
        units.unit as ad_unit,
        units.keyword,
        coalesce(
            drawn.campaign,
            units.campaign,
            case when traffic.item.channel = 'email' then newsletters.newsletter end
        ) as campaign,
        moment(
            drawn.date_day,
            3600 * (
                markets.wakes_at
                + (markets.sleeps_at - markets.wakes_at) * (part(drawn.bits, 2) + part(drawn.more, 0)) / 2
            )
        ) as started_at
    from drawn
    inner join draft.markets as markets
        on drawn.market = markets.market
    inner join draft.country_wheel as countries
        on drawn.market = countries.wheel
        and slot(part(drawn.who, 0)) = countries.slot
    inner join draft.traffic_wheel as traffic
        on drawn.wheel = traffic.wheel
        and slot(part(drawn.bits, 1)) = traffic.slot
    left join draft.ad_wheel as ads
        on concat_ws('|', coalesce(drawn.campaign, drawn.market), traffic.item.channel) = ads.wheel
        and slot(part(drawn.more, 1)) = ads.slot
    left join draft.ad_units as units
        on ads.item = units.unit
    left join draft.newsletters as newsletters
        on drawn.date_day = newsletters.date_day
),

-- how likely a visit is to buy, beside a usual one
inclined as (
    select
        *,
        case channel
            when 'email' then 1.7
            when 'paid_search' then 1.3
            when 'organic_social' then 0.5
            when 'paid_social' then 0.7
            else 1.1
        end
        * case device when 'desktop' then 1.35 else 0.85 end
        * case when is_lifted then 1.5 else 1 end
        * case market when 'world' then 0.5 else 1 end as inclination,
        date_day in (select date_day from draft.days where is_outage) as is_outage
    from described
)

select
    's-' || market || '-' || visit_no as session_id,
    'v-' || market || '-' || visitor_no as visitor_id,
    market,
    date_day,
    country,
    device,
    source,
    medium,
    channel,
    campaign,
    keyword,
    ad_unit,
    started_at,
    -- what the visit comes to; nothing can be bought while the shop is down
    case
        when part(bits, 3) < 0.0095 * inclination then case when is_outage then 'cart' else 'purchase' end
        when part(bits, 3) < 0.0650 * inclination then 'cart'
        when part(bits, 3) < 0.0650 * inclination + 0.0060 then 'contact'
        when part(bits, 3) < 0.0650 * inclination + 0.0260 then 'contact form'
        when part(bits, 3) < 0.0650 * inclination + 0.0300 then 'lead'
        when part(bits, 3) < 0.0650 * inclination + 0.0370 then 'sign up'
        when part(bits, 3) < 0.57 then 'browse'
        else 'bounce'
    end as outcome,
    -- page views before anything else happens, and seconds from one event to the next
    2 + cast(floor(7 * part(more, 2) * part(more, 2)) as integer) as pages,
    12 + cast(floor(90 * part(more, 3) * part(more, 3)) as integer) as pace,
    -- fifteen in a hundred order as a guest
    part(who, 2) < 0.15 as is_guest
from inclined;

-- The moment at which a visit bought something, signed up or asked for an offer, after so many events of the same pace.
create or replace temp macro converted_at(started_at, outcome, pages, pace) as
    started_at + to_seconds(
        pace * (pages + case outcome when 'purchase' then 4 when 'contact' then 1 else 0 end)
    );
