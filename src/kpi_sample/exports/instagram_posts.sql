-- Meta Business Suite writes moments to the minute, as the clock stood in California.
select
    post_id as "Post ID",
    '1784' || lpad(cast(dense_rank() over (order by profile) as varchar), 13, '0') as "Account ID",
    profile as "Account username",
    profile as "Account name",
    null as "Description",
    0 as "Duration (sec)",
    strftime(timezone('America/Los_Angeles', timezone('UTC', published_at)), '%m/%d/%Y %H:%M') as "Publish time",
    'https://www.instagram.com/p/' || post_id as "Permalink",
    case post_type
        when 'carousel' then 'IG carousel'
        when 'image' then 'IG image'
        when 'story' then 'IG story'
        when 'video' then 'IG reel'
        else post_type
    end as "Post type",
    null as "Data comment",
    'Lifetime' as "Date",
    impressions as "Impressions",
    reach as "Reach",
    likes as "Likes",
    shares as "Shares",
    comments as "Comments",
    link_clicks as "Link clicks",
    video_views as "Plays"
from rows
order by published_at, post_id
