with ad_performance as (

    select
        shown_on,
        platform,
        campaign,
        impressions

    from {{ ref('ad_performance') }}

),

ad_performance_by_member as (

    {{ by_member('ad_performance', ['platform', 'campaign'], day='shown_on', size='sum(impressions)') }}

),

daily as (

    select
        shown_on as date_day,
        dimension,
        member,
        sum(impressions) as numerator,
        cast(null as bigint) as denominator

    from ad_performance_by_member

    group by
        shown_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
