select
    strftime(date, '%m/%d/%Y') as "Date",
    profile as "Profile",
    case network when 'instagram' then 'Instagram' when 'linkedin' then 'LinkedIn' else 'X' end as "Network",
    grouped(followers) as "Audience",
    followers - lag(followers) over (partition by network, profile order by date) as "Net Audience Growth",
    grouped(impressions) as "Impressions"
from rows
order by date, network, profile
