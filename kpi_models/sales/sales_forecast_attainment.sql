-- the forecasts of the reps, or of the regions, need not add up to the company's: each is held against its own
with company_days as (

    select
        target_on,
        revenue,
        forecast_amount

    from {{ ref('sales_target_days') }}

    where
        target_of = 'company'
        and forecast_amount is not null

),

rep_days as (

    select
        target_on,
        rep,
        revenue,
        forecast_amount

    from {{ ref('sales_target_days') }}

    where
        target_of = 'rep'
        and forecast_amount is not null

),

region_days as (

    select
        target_on,
        region,
        revenue,
        forecast_amount

    from {{ ref('sales_target_days') }}

    where
        target_of = 'region'
        and forecast_amount is not null

),

rep_days_by_member as (

    {{ by_member('rep_days', ['rep'], day='target_on', size='sum(forecast_amount)', with_total=false) }}

),

region_days_by_member as (

    {{ by_member('region_days', ['region'], day='target_on', size='sum(forecast_amount)', with_total=false) }}

),

daily as (

    select
        target_on as date_day,
        'all' as dimension,
        'all' as member,
        revenue as numerator,
        forecast_amount as denominator
    from company_days

    union all

    select
        target_on as date_day,
        dimension,
        member,
        revenue as numerator,
        forecast_amount as denominator
    from rep_days_by_member

    union all

    select
        target_on as date_day,
        dimension,
        member,
        revenue as numerator,
        forecast_amount as denominator
    from region_days_by_member

)

{{ add_up_days('daily') }}
