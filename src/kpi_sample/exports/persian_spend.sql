-- In the letters that Windows-1256 has: no ی, no Persian digits. In tomans, as each cell says.
with sheet as (
    select
        0 as place,
        jalali(date) as written_on,
        *,
        round(amount / rate_on('IRT', date)) as tomans
    from rows

    union all

    select
        1 as place,
        'جمع کل' as written_on,
        null as date,
        null as category,
        null as channel,
        null as campaign,
        null as amount,
        sum(round(amount / rate_on('IRT', date))) as tomans
    from rows
)

select
    arabic_letters(written_on) as "تاريخ",
    case category when 'media' then 'تبليغات' when 'agency' then 'آژانس' when 'other' then 'متفرقه' end as "نوع هزينه",
    case when place = 0 then coalesce(channel, '-') end as "کانال",
    arabic_letters(campaign) as "کمپين",
    grouped(tomans) || ' تومان' as "مبلغ"
from sheet
order by place, date, category, channel, campaign
