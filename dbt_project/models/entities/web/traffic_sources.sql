-- One row per source and medium that the web events name, with the channel and the social network that they mean.
--
-- The channels are those of Google Analytics 4's default channel group, by its rules for manual traffic, in its order
-- (support.google.com/analytics/answer/9756891). Two things differ: the sites of each kind are a short list, with those
-- of Iran in it, where Google has long ones; and the name of a campaign says nothing about its channel.

with events as (

    select * from {{ ref('stg_analytics__web_events') }}

),

sites as (

    select
        known_sites.site,
        known_sites.kind,
        known_sites.network
    from (
        values
        ('aol', 'search', null),
        ('baidu', 'search', null),
        ('bing', 'search', null),
        ('brave', 'search', null),
        ('duckduckgo', 'search', null),
        ('ecosia', 'search', null),
        ('google', 'search', null),
        ('naver', 'search', null),
        ('qwant', 'search', null),
        ('seznam', 'search', null),
        ('startpage', 'search', null),
        ('yahoo', 'search', null),
        ('yandex', 'search', null),
        ('zarebin', 'search', null),
        ('bale', 'social', 'bale'),
        ('ble.ir', 'social', 'bale'),
        ('bluesky', 'social', 'bluesky'),
        ('bsky', 'social', 'bluesky'),
        ('eitaa', 'social', 'eitaa'),
        ('facebook', 'social', 'facebook'),
        ('fb', 'social', 'facebook'),
        ('ig', 'social', 'instagram'),
        ('instagram', 'social', 'instagram'),
        ('linkedin', 'social', 'linkedin'),
        ('lnkd.in', 'social', 'linkedin'),
        ('mastodon', 'social', 'mastodon'),
        ('pinterest', 'social', 'pinterest'),
        ('quora', 'social', 'quora'),
        ('reddit', 'social', 'reddit'),
        ('rubika', 'social', 'rubika'),
        ('snapchat', 'social', 'snapchat'),
        ('t.co', 'social', 'x'),
        ('t.me', 'social', 'telegram'),
        ('telegram', 'social', 'telegram'),
        ('threads', 'social', 'threads'),
        ('tiktok', 'social', 'tiktok'),
        ('twitter', 'social', 'x'),
        ('vk', 'social', 'vk'),
        ('wa.me', 'social', 'whatsapp'),
        ('whatsapp', 'social', 'whatsapp'),
        ('x', 'social', 'x'),
        ('aparat', 'video', null),
        ('dailymotion', 'video', null),
        ('twitch', 'video', null),
        ('vimeo', 'video', null),
        ('youtu.be', 'video', null),
        ('youtube', 'video', null),
        ('aliexpress', 'shopping', null),
        ('amazon', 'shopping', null),
        ('digikala', 'shopping', null),
        ('ebay', 'shopping', null),
        ('etsy', 'shopping', null),
        ('idealo', 'shopping', null),
        ('torob', 'shopping', null),
        ('walmart', 'shopping', null)
    ) as known_sites (site, kind, network)

),

sources as (

    select distinct
        source,
        medium,
        lower(medium) as medium_name,
        -- a site is the same under its mobile, its search and its redirecting name
        regexp_replace(lower(source), '^(www|m|mobile|l|lm|out|search)[.]', '') as source_name,
        lower(medium) like '%cp%' or lower(medium) like 'paid%' or lower(medium) in ('ppc', 'retargeting') as is_paid

    from events

    where source is not null or medium is not null

)

select
    sources.source,
    sources.medium,
    case
        when
            sources.source_name in ('(direct)', 'direct')
            and coalesce(sources.medium_name, '(none)') in ('(none)', '(not set)')
            then 'direct'
        when sources.is_paid and sites.kind is not null then 'paid_' || sites.kind
        when sources.medium_name in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'display'
        when sources.is_paid then 'paid_other'
        when sites.kind = 'shopping' then 'organic_shopping'
        when
            sites.kind = 'social'
            or sources.medium_name in (
                'social', 'social-network', 'social-media', 'sm', 'social network', 'social media'
            )
            then 'organic_social'
        when sites.kind = 'video' or sources.medium_name like '%video%' then 'organic_video'
        when sites.kind = 'search' or sources.medium_name = 'organic' then 'organic_search'
        when sources.medium_name in ('referral', 'app', 'link') then 'referral'
        when
            sources.medium_name in ('email', 'e-mail', 'e_mail', 'e mail')
            or sources.source_name in ('email', 'e-mail', 'e_mail', 'e mail')
            then 'email'
        when sources.medium_name in ('affiliate', 'affiliates') then 'affiliates'
        when sources.medium_name = 'audio' then 'audio'
        when sources.medium_name = 'sms' or sources.source_name = 'sms' then 'sms'
        when
            sources.medium_name like '%push'
            or sources.medium_name like '%mobile%'
            or sources.medium_name like '%notification%'
            or sources.source_name = 'firebase'
            then 'push'
        else 'unassigned'
    end as channel,
    sites.network

from sources

-- google, google.com and google.de are one site, mail.google.com is none of it
left join sites
    on sources.source_name = sites.site
    or sources.source_name like sites.site || '.%'
