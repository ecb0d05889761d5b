-- How tools write what the company's tables hold. Set before this: the table jalali_days (date_day, written).

create or replace temp macro iso(moment) as
    strftime(moment, '%Y-%m-%dT%H:%M:%SZ');

-- 1,234 and 1,234.50, as reports show numbers
create or replace temp macro grouped(number) as
    format('{:,}', cast(number as bigint));

create or replace temp macro grouped_money(amount) as
    format('{:,.2f}', cast(amount as double));

create or replace temp macro persian_digits(text) as
    translate(text, '0123456789', '۰۱۲۳۴۵۶۷۸۹');

-- older keyboards write the Arabic letters, and so do code pages that have no others
create or replace temp macro arabic_letters(text) as
    translate(text, 'یک', 'يك');

create or replace temp macro jalali(day) as
    (select written from jalali_days where date_day = day);

create or replace temp macro country_name(code) as
    map {
        'AE': 'United Arab Emirates', 'AT': 'Austria', 'CH': 'Switzerland', 'DE': 'Germany', 'FR': 'France',
        'GB': 'United Kingdom', 'IR': 'Iran', 'NL': 'Netherlands', 'TR': 'Türkiye', 'US': 'United States'
    }[code];

create or replace temp macro country_alpha3(code) as
    map {
        'AE': 'are', 'AT': 'aut', 'CH': 'che', 'DE': 'deu', 'FR': 'fra', 'GB': 'gbr', 'IR': 'irn', 'NL': 'nld',
        'TR': 'tur', 'US': 'usa'
    }[code];

-- what of a whole number lies between two of its tenths: the portions of 0 to 6 and of 6 to 10 add up to it
create or replace temp macro portion(number, lower_tenths, upper_tenths) as
    cast(number as bigint) * upper_tenths // 10 - cast(number as bigint) * lower_tenths // 10;

-- the thirty days before the last thirty, which the export of a month ago brought, and what it knew by then
create or replace temp macro was_new_a_month_ago(moment) as
    moment >= as_of() - 60 and moment < as_of() - 29;

create or replace temp macro if_known_a_month_ago(moment) as
    case when moment < as_of() - 29 then moment end;
