with ads as (

    select
        shown_on,
        keyword,
        campaign,
        conversions,
        clicks

    from {{ ref('ad_performance') }}

),

ads_by_member as (

    {{ by_member('ads', ['keyword', 'campaign'], day='shown_on', size='sum(clicks)') }}

),

daily as (

    select
        shown_on as date_day,
        dimension,
        member,
        sum(conversions) as numerator,
        sum(clicks) as denominator

    from ads_by_member

    group by
        shown_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
