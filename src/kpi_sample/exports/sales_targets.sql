-- In our own columns, in a workbook.
select
    period_start,
    period_end,
    rep_id,
    region,
    cast(amount as double) as amount,
    cast(forecast as double) as forecast
from rows
order by period_start, region nulls last, rep_id nulls last
