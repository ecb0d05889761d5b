with spend as (

    select
        spent_on as counted_on,
        channel,
        campaign,
        0 as gross_profit,
        amount as spend

    from {{ ref('marketing_spend') }}

),

-- what marketing cost in earlier months is not on record
spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

-- an order whose cost is not known brought a profit that is not known: it adds nothing
campaign_orders as (

    select
        orders.ordered_on as counted_on,
        campaigns.channel,
        orders.campaign,
        orders.revenue - orders.cost as gross_profit,
        0 as spend

    from {{ ref('orders') }} as orders

    left join {{ ref('campaigns') }} as campaigns
        on orders.campaign = campaigns.campaign

    where
        orders.is_completed
        and orders.campaign is not null
        and orders.cost is not null
        and orders.ordered_on >= (select began_on from spend_began)

),

spend_and_orders as (

    select * from spend

    union all

    select * from campaign_orders

),

spend_and_orders_by_member as (

    {{ by_member('spend_and_orders', ['channel', 'campaign'], day='counted_on', size='sum(spend)') }}

),

daily as (

    select
        counted_on as date_day,
        dimension,
        member,
        sum(gross_profit) - sum(spend) as numerator,
        sum(spend) as denominator

    from spend_and_orders_by_member

    group by
        counted_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
