select
    date as "Date",
    query as "Query",
    page as "Page",
    country_alpha3(country) as "Country",
    upper(device) as "Device",
    clicks as "Clicks",
    impressions as "Impressions",
    format('{:.2f}%', 100.0 * clicks / impressions) as "CTR",
    cast(position as double) as "Average Position"
from rows
order by date, query, page, country, device
