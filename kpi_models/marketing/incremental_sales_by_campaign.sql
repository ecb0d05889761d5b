with ended_campaigns as (

    select
        campaign,
        channel,
        started_on,
        ended_on,
        {{ dbt.datediff('started_on', 'ended_on', 'day') }}
        + 1 as days

    from {{ ref('campaigns') }}

    where ended_on is not null

),

daily_sales as (

    select
        ordered_on,
        channel,
        sum(revenue) as revenue

    from {{ ref('orders') }}

    where is_completed

    group by
        ordered_on,
        channel

),

campaign_sales as (

    select
        ended_campaigns.campaign,
        ended_campaigns.channel,
        ended_campaigns.ended_on,
        case
            when daily_sales.ordered_on >= ended_campaigns.started_on then daily_sales.revenue
            else -daily_sales.revenue
        end as incremental_sales

    from ended_campaigns

    -- the campaign and as many days right before it
    inner join daily_sales
        on {{ dbt.dateadd('day', '(-ended_campaigns.days)', 'ended_campaigns.started_on') }}
        <= daily_sales.ordered_on
        and ended_campaigns.ended_on >= daily_sales.ordered_on
        and (ended_campaigns.channel is null or ended_campaigns.channel = daily_sales.channel)

),

campaign_sales_by_member as (

    {{ by_member('campaign_sales', ['campaign', 'channel'], day='ended_on', size='sum(incremental_sales)') }}

),

daily as (

    select
        ended_on as date_day,
        dimension,
        member,
        sum(incremental_sales) as numerator,
        cast(null as bigint) as denominator

    from campaign_sales_by_member

    group by
        ended_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
