-- What the company books other currencies at: the euro by the month, in whole cents; the toman by the quarter. From a year
-- before the first day on, for campaigns are paid for before they begin.

create or replace temp table rates as
with months as (
    select
        cast(unnest(generate_series(date_trunc('quarter', start_on()) - interval 1 year, as_of(), interval 1 month)) as date)
            as month
),

numbered as (
    select
        month,
        date_diff('month', date '2000-01-01', month) as number
    from months
)

select
    'EUR' as currency,
    month as valid_from,
    cast(round(1.10 + 0.06 * sin(number / 4.0), 2) as decimal(24, 12)) as rate
from numbered

union all

select
    'IRT' as currency,
    month as valid_from,
    cast(round(1 / (60000 + 400 * (number % 120)), 8) as decimal(24, 12)) as rate
from numbered
where month(month) in (1, 4, 7, 10);

-- what one unit of a currency is in dollars on a day
create or replace temp macro rate_on(code, day) as (
    select arg_max(rate, valid_from) from rates
    where currency = code and valid_from <= day
);
