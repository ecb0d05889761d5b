-- In the letters that Windows-1256 has: no ی, no Persian digits.
with sheet as (
    select
        0 as place,
        jalali(date) as written_on,
        *
    from rows

    union all

    select
        1 as place,
        'جمع کل' as written_on,
        null as date,
        null as category,
        null as channel,
        null as campaign,
        sum(amount) as amount
    from rows
)

select
    arabic_letters(written_on) as "تاريخ",
    case category when 'media' then 'تبليغات' when 'agency' then 'آژانس' when 'other' then 'متفرقه' end as "نوع هزينه",
    case when place = 0 then coalesce(channel, '-') end as "کانال",
    arabic_letters(campaign) as "کمپين",
    grouped_money(amount) as "مبلغ"
from sheet
order by place, date, category, channel, campaign
