-- the targets of the reps, or of the regions, need not add up to the company's: each is held against its own
with company_days as (

    select
        target_on as date_day,
        revenue as numerator,
        target_amount as denominator

    from {{ ref('sales_target_days') }}

    where target_of = 'company'

),

rep_days as (

    select
        target_on as date_day,
        rep,
        revenue as numerator,
        target_amount as denominator

    from {{ ref('sales_target_days') }}

    where target_of = 'rep'

),

region_days as (

    select
        target_on as date_day,
        region,
        revenue as numerator,
        target_amount as denominator

    from {{ ref('sales_target_days') }}

    where target_of = 'region'

)

{{ add_up('company_days', []) }}

union all

select * from (
    {{ add_up('rep_days', ['rep']) }}
) as reps
where dimension = 'rep'

union all

select * from (
    {{ add_up('region_days', ['region']) }}
) as regions
where dimension = 'region'
