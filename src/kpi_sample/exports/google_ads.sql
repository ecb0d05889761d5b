-- A search keyword report: numbers as people read them, and two lines of totals below. Of its last days not everything is
-- counted yet, and one campaign has the name there that it had until the next report, which says these days again.
with known as (
    select
        date,
        campaign
        || case when is_unsettled and campaign = min(campaign) over () then ' (draft)' else '' end as campaign,
        ad_group,
        keyword,
        case when is_unsettled then impressions - impressions // 12 else impressions end as impressions,
        case when is_unsettled then clicks - clicks // 8 else clicks end as clicks,
        case when is_unsettled then spend - round(spend * 0.1, 2) else spend end as spend,
        case when is_unsettled then conversions - round(conversions * 0.2, 2) else conversions end as conversions
    from rows
),

report as (
    select
        0 as place,
        date,
        campaign,
        ad_group,
        keyword,
        cast(date as varchar) as day,
        spend,
        impressions,
        clicks,
        conversions
    from known

    union all

    select
        place,
        null as date,
        '--' as campaign,
        '--' as ad_group,
        '--' as keyword,
        'Total: ' || case place when 1 then 'Search keywords' else 'Account' end as day,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(conversions) as conversions
    from known
    cross join (select unnest([1, 2]) as place) as places
    group by place
)

select
    day as "Day",
    campaign as "Campaign",
    ad_group as "Ad group",
    keyword as "Search keyword",
    'USD' as "Currency code",
    grouped_money(spend) as "Cost",
    grouped(impressions) as "Impr.",
    grouped(clicks) as "Clicks",
    format('{:.2f}%', 100.0 * clicks / greatest(impressions, 1)) as "CTR",
    case when clicks > 0 then grouped_money(spend / clicks) else '--' end as "Avg. CPC",
    grouped_money(conversions) as "Conversions"
from report
order by place, date, campaign, ad_group, keyword
