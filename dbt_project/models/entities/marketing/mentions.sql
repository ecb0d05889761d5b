-- One row per mention of the company in the press or in social media.

select
    mention_id,
    mentioned_on,
    kind,
    outlet,
    sentiment,
    campaign

from {{ ref('stg_analytics__brand_mentions') }}
