with brand_mentions as (

    {{ current_version('analytics', 'brand_mentions') }}

)

select
    mention_id,
    {{ business_day('mentioned_at') }} as mentioned_on,
    outlet,
    kind,
    sentiment,
    campaign,
    url

from brand_mentions

where {{ business_day('mentioned_at') }} <= (select as_of from {{ source('settings', 'run') }})
