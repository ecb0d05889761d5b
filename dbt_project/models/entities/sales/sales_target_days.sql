-- One row per day and who has a target on it, the company, a rep or a region, with the revenue that is held against it.
-- A target is spread evenly over the days of its period, so that targets of any period add up to any other. Days after
-- as_of are here too: a target is a plan.
--
-- Where targets overlap, the one of the shortest period counts, of equally long ones the one that begins last: a month
-- inside a year is not counted twice. A rep (or region) whose targets are split by region (or rep) has their sum. The
-- company has its own target; on a day without one, the sum of its reps, and without those of its regions.

with sales_targets as (

    select
        period_start,
        period_end,
        {{ dbt.datediff('period_start', 'period_end', 'day') | trim }} + 1 as days,
        rep_id,
        region,
        amount,
        forecast
    from {{ ref('stg_crm__sales_targets') }}

),

given_amounts as (

    select
        period_start,
        period_end,
        days,
        rep_id,
        region,
        'target' as measure,
        amount
    from sales_targets

    union all

    select
        period_start,
        period_end,
        days,
        rep_id,
        region,
        'forecast' as measure,
        forecast as amount
    from sales_targets
    -- a shorter period without a forecast leaves that of the longer one standing
    where forecast is not null

),

day_amounts as (

    select
        calendar.date_day as target_on,
        given_amounts.measure,
        given_amounts.rep_id,
        given_amounts.region,
        cast(given_amounts.amount / given_amounts.days as decimal(38, 10)) as amount,
        row_number() over (
            partition by calendar.date_day, given_amounts.measure, given_amounts.rep_id, given_amounts.region
            order by given_amounts.days asc, given_amounts.period_start desc
        ) as amount_rank

    from given_amounts

    inner join {{ source('settings', 'calendar') }} as calendar
        on calendar.date_day between given_amounts.period_start and given_amounts.period_end

),

counted_amounts as (

    select * from day_amounts
    where amount_rank = 1

),

rep_amounts as (

    select
        target_on,
        measure,
        rep_id as rep,
        coalesce(sum(case when region is null then amount end), sum(amount)) as amount
    from counted_amounts
    where rep_id is not null
    group by
        target_on,
        measure,
        rep_id

),

region_amounts as (

    select
        target_on,
        measure,
        region,
        coalesce(sum(case when rep_id is null then amount end), sum(amount)) as amount
    from counted_amounts
    where region is not null
    group by
        target_on,
        measure,
        region

),

company_sources as (

    select
        target_on,
        measure,
        amount,
        1 as preference
    from counted_amounts
    where
        rep_id is null
        and region is null

    union all

    select
        target_on,
        measure,
        sum(amount) as amount,
        2 as preference
    from rep_amounts
    group by
        target_on,
        measure

    union all

    select
        target_on,
        measure,
        sum(amount) as amount,
        3 as preference
    from region_amounts
    group by
        target_on,
        measure

),

ranked_sources as (

    select
        target_on,
        measure,
        amount,
        row_number() over (partition by target_on, measure order by preference) as source_rank
    from company_sources

),

targets as (

    select
        target_on,
        'company' as target_of,
        cast(null as {{ dbt.type_string() }}) as rep,
        cast(null as {{ dbt.type_string() }}) as region,
        measure,
        amount
    from ranked_sources
    where source_rank = 1

    union all

    select
        target_on,
        'rep' as target_of,
        rep,
        cast(null as {{ dbt.type_string() }}) as region,
        measure,
        amount
    from rep_amounts

    union all

    select
        target_on,
        'region' as target_of,
        cast(null as {{ dbt.type_string() }}) as rep,
        region,
        measure,
        amount
    from region_amounts

),

target_days as (

    select
        target_on,
        target_of,
        rep,
        region,
        sum(case when measure = 'target' then amount end) as target_amount,
        sum(case when measure = 'forecast' then amount end) as forecast_amount
    from targets
    group by
        target_on,
        target_of,
        rep,
        region

),

orders as (

    select
        ordered_on,
        rep_id,
        region,
        revenue
    from {{ ref('orders') }}
    where is_completed

),

sales as (

    select
        ordered_on,
        'company' as sale_of,
        cast(null as {{ dbt.type_string() }}) as seller,
        sum(revenue) as revenue
    from orders
    group by ordered_on

    union all

    select
        ordered_on,
        'rep' as sale_of,
        rep_id as seller,
        sum(revenue) as revenue
    from orders
    group by
        ordered_on,
        rep_id

    union all

    select
        ordered_on,
        'region' as sale_of,
        region as seller,
        sum(revenue) as revenue
    from orders
    group by
        ordered_on,
        region

)

select
    target_days.target_on,
    target_days.target_of,
    target_days.rep,
    target_days.region,
    target_days.target_amount,
    target_days.forecast_amount,
    coalesce(sales.revenue, 0) as revenue

from target_days

left join sales
    on target_days.target_on = sales.ordered_on
    and target_days.target_of = sales.sale_of
    and coalesce(target_days.rep, target_days.region) is not distinct from sales.seller
