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

    group by all

),

incremental_sales as (

    select
        campaigns.ended_on as date_day,
        campaigns.campaign,
        campaigns.channel,
        sum(case when sales.ordered_on >= campaigns.started_on then sales.revenue else -sales.revenue end) as numerator,
        cast(null as bigint) as denominator

    from ended_campaigns as campaigns

    -- the campaign and as many days right before it
    inner join daily_sales as sales
        on {{ dbt.dateadd('day', '(-campaigns.days)', 'campaigns.started_on') }}
        <= sales.ordered_on
        and campaigns.ended_on >= sales.ordered_on
        and (campaigns.channel is null or campaigns.channel = sales.channel)

    group by all

)

{{ add_up('incremental_sales', ['campaign', 'channel']) }}
