-- One row per day, category, channel and campaign with what was spent on sales and marketing. What these do not tell
-- apart is added up.

with marketing_spend as (

    select
        spent_on,
        category,
        channel,
        campaign,
        sum(amount) as amount

    from {{ ref('stg_crm__marketing_spend') }}

    group by
        spent_on,
        category,
        channel,
        campaign

),

campaign_spend_categories as (

    select distinct category
    from {{ source('settings', 'campaign_spend_categories') }}

)

select
    marketing_spend.spent_on,
    marketing_spend.category,
    marketing_spend.channel,
    marketing_spend.campaign,
    marketing_spend.amount,
    -- what campaigns themselves cost, by the settings; salaries and tools are paid with or without them
    campaign_spend_categories.category is not null as is_campaign_spend

from marketing_spend

left join campaign_spend_categories
    on marketing_spend.category = campaign_spend_categories.category
