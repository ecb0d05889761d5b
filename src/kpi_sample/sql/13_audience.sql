-- Everybody who listens: subscribers and e-mails, social networks, links, ranks and mentions.

create table draft.subscribers as
with gathered as (
    -- who was on the list before the first day
    select
        'before|' || number as origin,
        'newsletter' as list,
        moment(
            start_on() - cast(20 + 880 * roll('subscribed', number) as integer),
            30000 + 40000 * roll('subscribed at', number)
        ) as subscribed_at
    from (select unnest(range(about(scale() * 380, 0.5))) as number) as numbers

    union all

    select
        session_id as origin,
        'newsletter' as list,
        converted_at(started_at, outcome, pages, pace) + interval 1 minute as subscribed_at
    from draft.visits
    where outcome = 'sign up' and roll('opts in', session_id) < 0.75

    union all

    select
        customer_id as origin,
        'مشتریان' as list,
        created_at + interval 5 minutes as subscribed_at
    from draft.people
    where kind = 'home' and roll('opts in', customer_id) < 0.38

    union all

    select
        lead_id as origin,
        'Office Update' as list,
        created_at + interval 1 hour as subscribed_at
    from draft.leads
    where is_marketing_qualified and roll('opts in', lead_id) < 0.5
)

select
    'SUB' || (1000 + row_number() over (order by subscribed_at, origin)) as subscriber_id,
    list,
    subscribed_at
from gathered
where subscribed_at <= now_is();

create table draft.mailings as
with mailings as (
    select
        'Newsletter ' || strftime(date_day, '%Y-%m-%d') as campaign,
        'newsletter' as list,
        date_day
    from draft.days
    where is_newsletter_day

    union all

    select
        lists.list || ' ' || strftime(days.date_day, '%Y-%m') as campaign,
        lists.list,
        days.date_day
    from draft.days as days
    inner join (from (values ('مشتریان', 10), ('Office Update', 18)) as lists (list, day_of_month)) as lists
        on day(days.date_day) = lists.day_of_month

    union all

    select
        campaign,
        'newsletter' as list,
        started_on as date_day
    from draft.campaigns
    where channel is null or channel = 'email'
)

select
    campaign,
    list,
    moment(date_day, 28800) as sent_at
from mailings
where date_day < as_of();

-- Each subscriber gets each mailing of their list, until the one in which they press unsubscribe.
create table draft.deliveries as
with addressed as (
    select
        subscribers.subscriber_id,
        mailings.campaign,
        mailings.list,
        mailings.sent_at,
        dice('mail', subscribers.subscriber_id || mailings.campaign) as bits
    from draft.mailings as mailings
    inner join draft.subscribers as subscribers
        on mailings.list = subscribers.list
        and mailings.sent_at > subscribers.subscribed_at
),

leaving as (
    select
        *,
        -- few of the many who are pleased to hear from us leave at once
        min(case when part(bits, 0) < 0.0055 then sent_at end) over (partition by subscriber_id) as last_sent_at
    from addressed
)

select
    subscriber_id,
    campaign,
    sent_at,
    part(bits, 0) < 0.0055 as unsubscribes,
    part(bits, 1) < 0.012 as bounces,
    part(bits, 2) as open_chance,
    -- mail is read within hours, and by some in the evening of the next day
    sent_at + to_seconds(cast(40 + 80000 * part(bits, 3) * part(bits, 3) * part(bits, 3) as bigint)) as opened_at,
    dice('mail is read', subscriber_id || campaign) as more
from leaving
where last_sent_at is null or sent_at <= last_sent_at;

create table draft.email_events as
select
    'delivered' as event_type,
    subscriber_id,
    campaign,
    sent_at + to_seconds(cast(2 + 30 * part(more, 0) as bigint)) as event_at,
    1 as number
from draft.deliveries
where unsubscribes or not bounces

union all

select
    'bounce' as event_type,
    subscriber_id,
    campaign,
    sent_at + interval 5 seconds as event_at,
    1 as number
from draft.deliveries
where bounces and not unsubscribes

union all

-- three in ten open, and some of them again
select
    'open' as event_type,
    subscriber_id,
    campaign,
    opened_at + to_minutes(cast(number * (17 + floor(200 * part(more, 1))) as bigint)) as event_at,
    number + 1 as number
from (
    select
        *,
        unnest(range(1 + cast(floor(2.6 * part(more, 2) * part(more, 2)) as bigint))) as number
    from draft.deliveries
    where
        unsubscribes
        or (not bounces and open_chance < case when starts_with(campaign, 'Newsletter') then 0.27 else 0.36 end)
) as openings

union all

select
    'click' as event_type,
    subscriber_id,
    campaign,
    opened_at + interval 50 seconds as event_at,
    1 as number
from draft.deliveries
where not bounces and open_chance < 0.033

union all

select
    'click' as event_type,
    subscriber_id,
    campaign,
    opened_at + interval 140 seconds as event_at,
    2 as number
from draft.deliveries
where not bounces and open_chance < 0.010

union all

select
    'unsubscribe' as event_type,
    subscriber_id,
    campaign,
    opened_at + interval 70 seconds as event_at,
    1 as number
from draft.deliveries
where unsubscribes

union all

select
    'complaint' as event_type,
    subscriber_id,
    campaign,
    opened_at + interval 90 seconds as event_at,
    1 as number
from draft.deliveries
where not bounces and open_chance > 0.9997;

insert into email_events by name
select
    'M' || left(md5(concat_ws('|', subscriber_id, campaign, event_type, number)), 20) as event_id,
    campaign,
    subscriber_id as recipient_id,
    event_type,
    event_at
from draft.email_events
where event_at <= now_is();

insert into email_subscribers by name
select
    subscribers.subscriber_id,
    subscribers.list,
    subscribers.subscribed_at,
    events.event_at as unsubscribed_at
from draft.subscribers as subscribers
left join draft.email_events as events
    on subscribers.subscriber_id = events.subscriber_id
    and events.event_type = 'unsubscribe'
    and events.event_at <= now_is();

-- Social networks: five profiles, each growing at its own pace, a campaign brings followers faster.
create table draft.profiles as
from (values
    ('instagram', 'sarvcafe.ir', 18400, 21.0, 0.9, 'ir'),
    ('instagram', 'sarvcafe.berlin', 5200, 9.0, 0.7, 'de'),
    ('telegram', 'sarvcafe', 7600, 6.5, 0.8, 'ir'),
    ('linkedin', 'sarvcafe-office', 2300, 4.2, 0.4, 'de'),
    ('x', 'sarvcafe', 3100, 1.2, 0.3, 'world')
) as profiles (network, profile, followers, daily_growth, posts_a_day, market);

create table draft.profile_days as
select
    profiles.*,
    days.date_day,
    markets.weight,
    -- followers leave too: some days end lower than they began
    profiles.followers + cast(floor(
        profiles.daily_growth * days.day_number * (1 + days.day_number / 2400.0)
        + profiles.daily_growth * 4 * sum(case when days.lift_everywhere > 0 then 1 else 0 end) over so_far
        + profiles.daily_growth * 1.5 * bell('followers', profiles.network || profiles.profile || days.date_day)
    ) as bigint) as followers_now,
    dice('profile day', profiles.network || profiles.profile || days.date_day) as bits
from draft.profiles as profiles
cross join draft.days as days
inner join draft.market_days as markets
    on days.date_day = markets.date_day
    and profiles.market = markets.market
    and markets.activity = 'visit'
window so_far as (partition by profiles.network, profiles.profile order by days.date_day);

insert into social_profile_days by name
select
    date_day as date,
    network,
    profile,
    followers_now as followers,
    cast(floor(followers_now * weight * (0.10 + 0.10 * part(bits, 0))) as bigint) as reach,
    cast(floor(followers_now * weight * (0.10 + 0.10 * part(bits, 0)) * (1.2 + 0.5 * part(bits, 1))) as bigint)
        as impressions,
    cast(floor(followers_now * weight * (0.004 + 0.006 * part(bits, 2))) as bigint) as profile_visits
from draft.profile_days;

create table draft.posts as
with planned as (
    select
        *,
        unnest(range(about(posts_a_day * 0.85, roll('posts', network || profile || date_day)))) as number
    from draft.profile_days
),

drawn as (
    select
        *,
        dice('post', concat_ws('|', network, profile, date_day, number)) as bits_of_post,
        dice('post fares', concat_ws('|', network, profile, date_day, number)) as fate
    from planned
),

typed as (
    select
        *,
        case network
            when 'instagram' then any_of(
                ['image', 'image', 'carousel', 'carousel', 'video', 'video', 'story'], part(bits_of_post, 0)
            )
            when 'telegram' then any_of(['text', 'image', 'video', 'link'], part(bits_of_post, 0))
            else any_of(['text', 'link', 'link', 'image', 'video'], part(bits_of_post, 0))
        end as post_type,
        moment(date_day, 25200 + 43200 * part(bits_of_post, 1)) as published_at,
        -- lifetime totals grow for about a week
        least(1, (1 + as_of() - date_day) / 7.0)
        * followers_now * (0.08 + 0.35 * part(fate, 0) * part(fate, 0)) as reached
    from drawn
)

select
    'PO' || left(md5(concat_ws('|', network, profile, date_day, number)), 12) as post_id,
    network,
    profile,
    post_type,
    published_at,
    cast(floor(reached) as bigint) as reach,
    cast(floor(reached * (1.15 + 0.4 * part(fate, 1))) as bigint) as impressions,
    fate
from typed;

insert into social_posts by name
select
    post_id,
    network,
    profile,
    post_type,
    published_at,
    impressions,
    -- telegram counts views, and nobody's face
    case when network <> 'telegram' then reach end as reach,
    cast(floor(impressions * (0.012 + 0.030 * part(fate, 2))) as bigint) as likes,
    cast(floor(impressions * (0.0010 + 0.0030 * part(fate, 2))) as bigint) as comments,
    cast(floor(impressions * (0.0010 + 0.0040 * part(fate, 3))) as bigint) as shares,
    case
        when post_type in ('link', 'story', 'text')
            then cast(floor(impressions * (0.004 + 0.012 * part(fate, 3))) as bigint)
        when network <> 'instagram' then 0
    end as link_clicks,
    case when post_type = 'video' then cast(floor(impressions * (0.25 + 0.35 * part(fate, 1))) as bigint) end
        as video_views
from draft.posts;

-- Messages and comments, answered in working hours by nine in ten.
insert into social_messages by name
with received as (
    select
        network,
        profile,
        date_day,
        unnest(range(about(
            scale() * weight * daily_growth * 0.14, roll('messages', network || profile || date_day)
        ))) as number
    from draft.profile_days
),

drawn as (
    select
        *,
        'MS' || left(md5(concat_ws('|', network, profile, date_day, number)), 14) as message_id,
        dice('message', concat_ws('|', network, profile, date_day, number)) as bits
    from received
)

select
    message_id,
    network,
    profile,
    case when part(bits, 0) < 0.45 then 'message' else 'comment' end as kind,
    moment(date_day, 21600 + 50400 * part(bits, 1)) as received_at,
    case
        when part(bits, 2) < 0.88 then if_past(
            moment(date_day, 21600 + 50400 * part(bits, 1))
            + to_minutes(cast(4 + 1300 * part(bits, 3) * part(bits, 3) * part(bits, 3) as bigint))
        )
    end as responded_at
from drawn;

insert into brand_mentions by name
with mentioned as (
    select
        days.*,
        unnest(range(about(
            scale() * growth * (0.8 + 2 * lift_everywhere), roll('mentions', date_day)
        ))) as number
    from draft.days as days
),

drawn as (
    select
        *,
        'BM' || strftime(date_day, '%y%m%d') || '-' || number as mention_id,
        dice('mention', date_day || '-' || number) as bits
    from mentioned
),

placed as (
    select
        *,
        case when part(bits, 0) < 0.22 then 'press' else 'social' end as kind,
        case
            when part(bits, 0) < 0.22 then any_of(
                [
                    'ghahve-mag.example', 'kaffeewelt.example', 'berlin-kurier.example', 'روزنامه‌ی بازار',
                    'startup-news.example'
                ], part(bits, 1)
            )
            else any_of(['instagram', 'instagram', 'instagram', 'x', 'x', 'telegram', 'reddit'], part(bits, 1))
        end as outlet
    from drawn
)

select
    mention_id,
    moment(date_day, 18000 + 60000 * part(bits, 2)) as mentioned_at,
    outlet,
    kind,
    case
        when part(bits, 3) < 0.52 then 'positive'
        when part(bits, 3) < 0.84 then 'neutral'
        when part(bits, 3) < 0.95 then 'negative'
    end as sentiment,
    case when roll('mentions campaign', mention_id) < 0.5 then campaign_everywhere end as campaign,
    'https://' || case when contains(outlet, '.') then outlet else 'social.example' end || '/' || lower(mention_id)
        as url
from placed;

-- Links from other sites: found over four years, one in four gone again.
insert into backlinks by name
with found as (
    select
        number,
        dice('backlink', number) as bits,
        -- more and more of them, as the site grows
        start_on() - 730 + cast(floor(1460 * sqrt(roll('backlink found', number))) as integer) as first_seen_on
    from (select unnest(range(about(900 * scale(), 0.5))) as number) as numbers
),

known as (
    select
        *,
        any_of(
            [
                'ghahve-mag.example', 'kaffeewelt.example', 'coffeedesk.example', 'buero-blog.example',
                'sharifcafe.example'
            ], part(bits, 0)
        ) as partner,
        case when part(bits, 3) < 0.27 then first_seen_on + 20 + cast(floor(700 * part(bits, 2)) as integer) end
            as lost_on
    from found
    where first_seen_on <= as_of()
)

select
    'BL' || lpad(cast(number as varchar), 6, '0') as backlink_id,
    'https://' || case when part(bits, 1) < 0.4 then partner else 'site-' || (number % 211) || '.example' end
        || '/post/' || number as source_url,
    case when part(bits, 1) < 0.4 then partner else 'site-' || (number % 211) || '.example' end as source_domain,
    'https://sarvcafe.example' || any_of(
        ['/', '/fa/', '/de/', '/de/blog/espresso', '/fa/blog/grinder', '/en/shop/beans'], part(bits, 2)
    ) as target_url,
    first_seen_on,
    case when lost_on <= as_of() then lost_on end as lost_on
from known;

-- Two lists of popular sites, on Mondays.
insert into site_ranks by name
select
    days.date_day as date,
    providers.provider,
    cast(round(
        providers.rank * (1 - 0.00055 * days.day_number)
        * (1 + 0.03 * bell('rank', providers.provider || days.date_day)), -2
    ) as bigint) as rank
from draft.days as days
cross join (from (values ('tranco', 412000), ('open-rank', 538000)) as providers (provider, rank)) as providers
where days.weekday = 1;
