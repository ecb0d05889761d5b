-- A workbook kept by hand: names and salaries stand beside what is read, digits and letters are as people typed them.
with staff as (
    select
        row_number() over (order by employee_id) as number,
        *
    from rows
)

select
    case when number % 3 = 0 then employee_id else persian_digits(employee_id) end as "شماره پرسنلی",
    'کارمند ' || persian_digits(cast(number as varchar)) as "نام و نام خانوادگی",
    case when number % 4 = 0 then jalali(hired_on) else persian_digits(jalali(hired_on)) end as "تاریخ استخدام",
    coalesce(case when number % 5 = 0 then jalali(left_on) else persian_digits(jalali(left_on)) end, '-') as "تاریخ ترک کار",
    case leaving_reason
        when 'voluntary' then 'استعفا'
        when 'involuntary' then ['اخراج', 'تعدیل', 'عدم تمدید قرارداد'][1 + number % 3]
        when 'retirement' then 'بازنشستگی'
        when 'other' then 'مهاجرت'
        else 'مشغول به کار'
    end as "علت ترک کار",
    case when number % 6 = 0 then arabic_letters(department) else department end as "واحد",
    case when number % 6 = 1 then arabic_letters(team) else team end as "تیم",
    recruitment_source as "منبع جذب",
    case employment_type
        when 'full_time' then ['تمام‌وقت', 'تمام وقت'][1 + number % 2]
        when 'part_time' then ['پاره‌وقت', 'پاره وقت'][1 + number % 2]
        when 'contractor' then ['پیمانکار', 'پروژه‌ای'][1 + number % 2]
    end as "نوع قرارداد",
    grouped(1200 + 37 * (number % 61)) as "حقوق پایه (دلار)"
from staff
order by number
