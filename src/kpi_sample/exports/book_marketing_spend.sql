-- A tab for each month, with a total of its own. The column "Tab" is not written: it names the tab.
with book as (
    select
        0 as place,
        date_trunc('month', date) as month,
        strftime(date, '%m/%d/%Y') as written_on,
        *
    from rows

    union all

    select
        1 as place,
        date_trunc('month', date) as month,
        'Total' as written_on,
        null as date,
        null as category,
        null as channel,
        null as campaign,
        sum(amount) as amount
    from rows
    group by date_trunc('month', date)
)

select
    strftime(month, '%Y-%m') as "Tab",
    written_on as "Date",
    case category
        when 'media' then 'Ads'
        when 'salaries' then 'Salaries'
        when 'tools' then 'Software'
        when 'agency' then 'Agency'
        when 'other' then 'Material'
    end as "Category",
    case when place = 0 then coalesce(channel, '-') end as "Channel",
    case when place = 0 then coalesce(campaign, 'n/a') end as "Campaign",
    '$' || grouped_money(amount) as "Amount",
    null as "Notes"
from book
order by month, place, date, category, channel, campaign
