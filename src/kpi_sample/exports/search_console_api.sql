select
    'sc-domain:sarvcafe.example' as site_url,
    'web' as search_type,
    date,
    query,
    page,
    country_alpha3(country) as country,
    upper(device) as device,
    clicks,
    impressions,
    round(clicks / impressions, 4) as ctr,
    cast(position as double) as position
from rows
order by date, query, page, country, device
