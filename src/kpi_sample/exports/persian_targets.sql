-- A workbook kept by hand: some cells hold numbers, others what somebody typed; some amounts are in tomans or rials and
-- say so.
with targets as (
    select
        row_number() over (order by period_start, region nulls last, rep_id nulls last) as number,
        *
    from rows
)

select
    number as "ردیف",
    case when number % 4 = 0 then jalali(period_start) else persian_digits(jalali(period_start)) end as "از تاریخ",
    case when number % 5 = 0 then jalali(period_end) else persian_digits(jalali(period_end)) end as "تا تاریخ",
    coalesce(rep_id, '-') as "کد کارشناس",
    coalesce(case when number % 3 = 0 then arabic_letters(region) else region end, '-') as "منطقه",
    case
        when number % 7 = 0 then persian_digits(replace(grouped(amount), ',', '٬')) || ' $'
        when number % 7 = 2 then persian_digits(grouped(amount / rate_on('IRT', period_start))) || ' تومان'
        when number % 7 = 3
            then persian_digits(replace(grouped(10 * amount / rate_on('IRT', period_start)), ',', '٬')) || ' ریال'
        when number % 7 = 1 then persian_digits(cast(cast(amount as bigint) as varchar))
        else cast(cast(amount as bigint) as varchar)
    end as "هدف",
    cast(cast(forecast as bigint) as varchar) as "پیش‌بینی"
from targets
order by number
