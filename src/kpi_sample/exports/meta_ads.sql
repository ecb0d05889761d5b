-- Ads Manager, broken down to the ads of each set: the summary of the period stands first, without a campaign, and a zero is
-- written as nothing. The account is in euros. The numbers of the ads add up to those of their set.
with ads as (
    -- one to three ads, and the tenths of the set that each of them has, from and up to
    select
        campaign,
        ad_group,
        unnest(['Video', 'Carousel', 'Picture'][:ads]) as ad,
        unnest([[0], [0, 6], [0, 5, 8]][ads]) as lower_tenths,
        unnest([[10], [6, 10], [5, 8, 10]][ads]) as upper_tenths
    from (
        select distinct
            campaign,
            ad_group,
            1 + cast(dice('ads of a set', concat_ws('|', campaign, ad_group)) % 3 as integer) as ads
        from rows
    ) as sets
),

report as (
    select
        1 as place,
        rows.date as begins,
        rows.date as ends,
        rows.date,
        rows.campaign,
        rows.ad_group,
        ads.ad,
        portion(impressions, lower_tenths, upper_tenths) as impressions,
        portion(clicks, lower_tenths, upper_tenths) as clicks,
        cast(portion(round(100 * spend / rate_on('EUR', date)), lower_tenths, upper_tenths) / 100 as decimal(18, 2)) as spend,
        portion(floor(conversions), lower_tenths, upper_tenths)
        + case when upper_tenths = 10 then conversions - floor(conversions) else 0 end as conversions
    from rows
    inner join ads
        on rows.campaign = ads.campaign
        and rows.ad_group is not distinct from ads.ad_group

    union all

    select
        0 as place,
        min(date) as begins,
        max(date) as ends,
        null as date,
        null as campaign,
        null as ad_group,
        null as ad,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(cast(round(spend / rate_on('EUR', date), 2) as decimal(18, 2))) as spend,
        sum(conversions) as conversions
    from rows
)

select
    begins as "Reporting starts",
    ends as "Reporting ends",
    date as "Day",
    campaign as "Campaign name",
    ad_group as "Ad set name",
    ad as "Ad name",
    case when place = 1 then 'active' end as "Ad delivery",
    '7-day click or 1-day view' as "Attribution setting",
    case when conversions > 0 then cast(conversions as double) end as "Results",
    case when conversions > 0 then 'actions:offsite_conversion.fb_pixel_purchase' end as "Result indicator",
    impressions as "Impressions",
    cast(round(spend / nullif(conversions, 0), 4) as double) as "Cost per results",
    cast(spend as double) as "Amount spent (EUR)",
    nullif(clicks, 0) as "Link clicks"
from report
order by place, date, campaign, ad_group, ad
