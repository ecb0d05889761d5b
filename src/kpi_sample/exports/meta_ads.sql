-- Ads Manager: the summary of the period stands first, without a campaign, and a zero is written as nothing.
with report as (
    select
        1 as place,
        date as begins,
        date as ends,
        date,
        campaign,
        ad_group,
        impressions,
        clicks,
        spend,
        conversions
    from rows

    union all

    select
        0 as place,
        min(date) as begins,
        max(date) as ends,
        null as date,
        null as campaign,
        null as ad_group,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend) as spend,
        sum(conversions) as conversions
    from rows
)

select
    begins as "Reporting starts",
    ends as "Reporting ends",
    date as "Day",
    campaign as "Campaign name",
    ad_group as "Ad set name",
    case when place = 1 then 'active' end as "Ad set delivery",
    '7-day click or 1-day view' as "Attribution setting",
    case when conversions > 0 then cast(conversions as double) end as "Results",
    case when conversions > 0 then 'actions:offsite_conversion.fb_pixel_purchase' end as "Result indicator",
    impressions as "Impressions",
    cast(round(spend / nullif(conversions, 0), 4) as double) as "Cost per results",
    cast(spend as double) as "Amount spent (USD)",
    nullif(clicks, 0) as "Link clicks"
from report
order by place, date, campaign, ad_group
