-- the targets of the reps, or of the regions, need not add up to the company's: each is held against its own
with company_days as (

    select
        target_on,
        revenue,
        target_amount

    from {{ ref('sales_target_days') }}

    where target_of = 'company'

),

rep_days as (

    select
        target_on,
        rep,
        revenue,
        target_amount

    from {{ ref('sales_target_days') }}

    where target_of = 'rep'

),

region_days as (

    select
        target_on,
        region,
        revenue,
        target_amount

    from {{ ref('sales_target_days') }}

    where target_of = 'region'

),

rep_days_by_member as (

    {{ by_member('rep_days', ['rep'], day='target_on', size='sum(target_amount)', with_total=false) }}

),

region_days_by_member as (

    {{ by_member('region_days', ['region'], day='target_on', size='sum(target_amount)', with_total=false) }}

),

daily as (

    select
        target_on as date_day,
        'all' as dimension,
        'all' as member,
        revenue as numerator,
        target_amount as denominator
    from company_days

    union all

    select
        target_on as date_day,
        dimension,
        member,
        revenue as numerator,
        target_amount as denominator
    from rep_days_by_member

    union all

    select
        target_on as date_day,
        dimension,
        member,
        revenue as numerator,
        target_amount as denominator
    from region_days_by_member

)

{{ add_up_days('daily') }}
