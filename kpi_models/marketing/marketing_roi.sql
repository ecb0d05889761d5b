-- what marketing cost in earlier months is not on record
with spend_began as (

    select cast({{ dbt.date_trunc('month', 'min(spent_on)') }} as date) as began_on
    from {{ ref('marketing_spend') }}

),

spend_and_orders as (

    select
        spent_on as date_day,
        channel,
        campaign,
        -sum(amount) as numerator,
        sum(amount) as denominator

    from {{ ref('marketing_spend') }}

    group by all

    union all

    -- an order whose cost is not known brought a profit that is not known: it adds nothing
    select
        orders.ordered_on as date_day,
        campaigns.channel,
        orders.campaign,
        sum(orders.revenue - orders.cost) as numerator,
        0 as denominator

    from {{ ref('orders') }} as orders

    left join {{ ref('campaigns') }} as campaigns
        on orders.campaign = campaigns.campaign

    where
        orders.is_completed
        and orders.campaign is not null
        and orders.cost is not null
        and orders.ordered_on >= (select began_on from spend_began)

    group by all

)

{{ add_up('spend_and_orders', ['channel', 'campaign']) }}
