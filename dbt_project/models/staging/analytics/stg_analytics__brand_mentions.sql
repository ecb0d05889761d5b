with brand_mentions as (

    {{ known_rows('analytics', 'brand_mentions') }}

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
