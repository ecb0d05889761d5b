with conversions as (

    select
        shown_on as date_day,
        keyword,
        campaign,
        sum(conversions) as numerator,
        sum(clicks) as denominator

    from {{ ref('ad_performance') }}

    group by all

)

{{ add_up('conversions', ['keyword', 'campaign']) }}
