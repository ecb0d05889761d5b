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
