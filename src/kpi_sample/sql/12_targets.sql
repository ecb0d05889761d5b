-- Sales targets and forecasts by month: for the company, for each region, for each rep. Targets are set to be a little
-- out of reach, up to the end of the year after as_of; a forecast is made for a month when it begins.

create table draft.target_months as
with sold as (
    select
        date_trunc('month', ordered_at)::date as month,
        rep_id,
        region,
        sum(revenue) as revenue
    from orders
    where status = 'completed'
    group by all
),

by_member as (
    select
        month,
        cast(null as varchar) as rep_id,
        cast(null as varchar) as region,
        sum(revenue) as revenue
    from sold
    group by month

    union all

    select
        month,
        null as rep_id,
        region,
        sum(revenue) as revenue
    from sold
    group by
        month,
        region

    union all

    select
        month,
        rep_id,
        null as region,
        sum(revenue) as revenue
    from sold
    where rep_id is not null
    group by
        month,
        rep_id
),

months as (
    select
        month,
        -- a month that is cut off at either end is planned as a whole one
        count(*) / cast(day(last_day(month)) as double) as covered
    from draft.days
    group by month
),

-- the months to come are planned as the last half year was, a little higher
plans as (
    select
        by_member.rep_id,
        by_member.region,
        sum(cast(by_member.revenue / months.covered as decimal(18, 4))) / 6 as usual
    from by_member
    inner join months
        on by_member.month = months.month
    where
        by_member.month >= date_trunc('month', as_of()) - interval 5 months
        and (
            by_member.rep_id is null
            or by_member.rep_id in (select rep_id from sales_reps where active_to is null)
        )
    group by
        by_member.rep_id,
        by_member.region
),

future as (
    select
        unnest(range(
            date_trunc('month', as_of()) + interval 1 month, make_date(year(as_of()) + 1, 12, 31) + 1, interval 1 month
        ))::date as month
)

select
    by_member.month,
    by_member.rep_id,
    by_member.region,
    by_member.revenue / months.covered as usual,
    true as is_begun
from by_member
inner join months
    on by_member.month = months.month

union all

select
    future.month,
    plans.rep_id,
    plans.region,
    plans.usual * 1.05 as usual,
    false as is_begun
from plans
cross join future;

insert into sales_targets by name
with drawn as (
    select
        *,
        concat_ws('|', month, coalesce(rep_id, '-'), coalesce(region, '-')) as number,
        -- one company misses its own mark by less than one rep
        case when rep_id is null then 0.05 else 0.14 end as spread
    from draft.target_months
)

select
    month as period_start,
    last_day(month) as period_end,
    rep_id,
    region,
    greatest(round(usual * (1.04 + spread * bell('target', number)), -2), 100) as amount,
    case when is_begun then greatest(round(usual * (1.00 + 0.7 * spread * bell('forecast', number)), -2), 100) end
        as forecast
from drawn;
