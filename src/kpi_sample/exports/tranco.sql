select
    date,
    rank
from rows
order by date
