with ad_performance as (

    select
        shown_on,
        platform,
        campaign,
        keyword,
        clicks,
        impressions

    from {{ ref('ad_performance') }}

),

ad_performance_by_member as (

    {{ by_member('ad_performance', ['platform', 'campaign', 'keyword'], day='shown_on', size='sum(impressions)') }}

),

daily as (

    select
        shown_on as date_day,
        dimension,
        member,
        sum(clicks) as numerator,
        sum(impressions) as denominator

    from ad_performance_by_member

    group by
        shown_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
