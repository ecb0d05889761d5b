-- Everybody who works here: employees and the sales reps among them, their reviews and their work logs. The staff does
-- not grow with the number of rows.

-- A seat is a place in the company that one person after another holds. Field seats change hands without a gap.
create table draft.seats as
with departments as (
    from (values
        ('Sales', 'Field', 12, 12),
        ('Sales', 'Inside', 4, 5),
        ('Marketing', 'Brand', 4, 4),
        ('Marketing', 'Performance', 4, 6),
        ('فنی', 'Installation', 10, 12),
        ('فنی', 'تعمیرات', 8, 10),
        ('پشتیبانی', 'Hotline', 8, 9),
        ('پشتیبانی', 'Onboarding', 4, 5),
        ('Operations', 'Roastery', 12, 13),
        ('Operations', 'Warehouse', 11, 13),
        ('Product & IT', 'Shop', 6, 8),
        ('Product & IT', 'Data', 3, 5),
        ('Finance', 'Accounting', 7, 8),
        ('منابع انسانی', 'HR', 3, 3),
        ('Stores', 'تهران', 5, 6),
        ('Stores', 'Berlin', 4, 5)
    ) as departments (department, team, seats_at_start, seats_in_the_end)
),

numbered as (
    select
        department,
        team,
        seats_at_start,
        seats_in_the_end,
        unnest(range(1, seats_in_the_end + 1)) as number_in_team
    from departments
),

placed as (
    select
        department,
        team,
        number_in_team,
        number_in_team > seats_at_start as is_new,
        row_number() over (order by department, team, number_in_team) as seat_no
    from numbered
)

select
    seat_no,
    department,
    team,
    number_in_team,
    case
        when is_new then start_on() + cast(30 + 640 * roll('seat opened', seat_no) as integer)
        else start_on() - cast(250 + 2200 * roll('seat opened', seat_no) as integer)
    end as opened_on,
    case
        when department in ('Product & IT', 'فنی', 'Operations') and roll('seat type', seat_no) < 0.16 then 'contractor'
        when roll('seat type', seat_no) > 0.90 then 'part_time'
        -- an export in which this was not filled in for everybody
        when roll('seat type', seat_no) > 0.89 then null
        else 'full_time'
    end as employment_type
from placed;

-- Up to fourteen people per seat. One in eight leaves within the first half year, the others at about 14 % a year.
create table draft.tenures as
with people as (
    select
        seats.*,
        turns.turn,
        roll('leaves early', concat_ws('|', seat_no, turn)) < 0.12 as leaves_early,
        roll('tenure', concat_ws('|', seat_no, turn)) as tenure_chance,
        case
            when team = 'Field' then 0
            else cast(20 + 70 * roll('vacancy', concat_ws('|', seat_no, turn)) as integer)
        end as vacancy_days
    from draft.seats as seats
    cross join (select unnest(range(14)) as turn) as turns
),

lasting as (
    select
        *,
        case
            when leaves_early then 25 + cast(150 * tenure_chance as integer)
            else 150 + cast(floor(-ln(1 - tenure_chance) * 365 / 0.14) as integer)
        end as tenure_days
    from people
)

select
    *,
    opened_on + cast(
        coalesce(
            sum(tenure_days + vacancy_days) over (
                partition by seat_no order by turn rows between unbounded preceding and 1 preceding
            ), 0
        ) as integer
    ) as hired_on
from lasting;

create table draft.staff as
select
    'E' || (1000 + row_number() over (order by hired_on, seat_no)) as employee_id,
    seat_no,
    number_in_team,
    department,
    team,
    employment_type,
    hired_on,
    case when hired_on + tenure_days - 1 <= as_of() then hired_on + tenure_days - 1 end as left_on,
    hired_on + tenure_days - 1 as last_day_on
from draft.tenures
where hired_on <= as_of();

insert into employees by name
select
    employee_id,
    hired_on,
    left_on,
    case
        when left_on is not null then any_of(
            ['voluntary', 'voluntary', 'voluntary', 'voluntary', 'voluntary', 'voluntary', 'voluntary',
                'involuntary', 'involuntary', 'retirement', 'other'],
            roll('leaving reason', employee_id)
        )
    end as leaving_reason,
    department,
    team,
    any_of(
        ['referral', 'referral', 'referral', 'jobinja', 'jobinja', 'jobinja', 'LinkedIn', 'LinkedIn', 'agency',
            'career page', 'career page', 'دانشگاه'],
        roll('recruitment source', employee_id)
    ) as recruitment_source,
    employment_type
from draft.staff;

-- Everybody is reviewed in June and December, once they have been here for a quarter.
insert into performance_reviews by name
with rounds as (
    select
        unnest(range(date '2015-06-15', as_of() + 1, interval 6 months))::date as reviewed_on
),

reviews as (
    select
        staff.employee_id,
        rounds.reviewed_on + cast(floor(8 * roll('review day', staff.employee_id || rounds.reviewed_on)) as integer)
            as reviewed_on,
        3.55 + 0.65 * bell('rating', staff.employee_id || rounds.reviewed_on)
        -- who leaves soon was seldom the best
        - case when staff.left_on < rounds.reviewed_on + 200 then 0.6 else 0 end as impression
    from draft.staff as staff
    inner join rounds
        on staff.hired_on <= rounds.reviewed_on - 90
        and coalesce(staff.left_on, date '9999-12-31') > rounds.reviewed_on + 8
    where rounds.reviewed_on >= start_on() - interval 3 years
),

rated as (
    select
        employee_id,
        reviewed_on,
        -- from 1 to 5 in halves
        least(greatest(round(2 * impression) / 2, 1), 5) as rating
    from reviews
    where reviewed_on <= as_of()
)

select
    'RV' || strftime(reviewed_on, '%y%m') || '-' || employee_id as review_id,
    employee_id,
    reviewed_on,
    rating,
    case when roll('rated', employee_id || reviewed_on) > 0.05 then rating >= 3 end as is_successful
from rated;

-- One log a week and employee, on Wednesday, when both countries work. Output is in units of the department's own.
insert into work_logs by name
with weeks as (
    select date_day
    from draft.days
    where weekday = 3
),

logs as (
    select
        staff.employee_id,
        staff.department,
        weeks.date_day,
        dice('work log', staff.employee_id || weeks.date_day) as bits,
        case when staff.employment_type = 'part_time' then 20 else 38 end
            * case
                when strftime(weeks.date_day, '%m-%d') between '03-20' and '04-02' then 0.5
                when strftime(weeks.date_day, '%m-%d') between '12-24' and '12-31' then 0.5
                else 1
            end as usual_hours,
        case staff.department
            when 'Operations' then 2.4
            when 'پشتیبانی' then 1.8
            when 'Sales' then 1.1
            when 'Stores' then 2.0
            else 1.0
        end
            -- people learn, and so does the company
            * (0.85 + 0.15 * least((weeks.date_day - staff.hired_on) / 365.0, 1))
            * (1 + 0.04 * (weeks.date_day - start_on()) / 365.0) as units_per_hour
    from draft.staff as staff
    inner join weeks
        on staff.hired_on <= weeks.date_day
        and coalesce(staff.left_on, date '9999-12-31') >= weeks.date_day
    -- holidays and sick leave
    where roll('at work', staff.employee_id || weeks.date_day) < 0.92
)

select
    'WL' || strftime(date_day, '%y%m%d') || '-' || employee_id as log_id,
    employee_id,
    date_day as worked_on,
    round(usual_hours * (0.85 + 0.25 * part(bits, 0)) * 4) / 4 as hours,
    round(
        round(usual_hours * (0.85 + 0.25 * part(bits, 0)) * 4) / 4 * units_per_hour * (0.8 + 0.4 * part(bits, 1)), 1
    ) as output_units,
    department
from logs;

-- The field seats are sales territories.
create table draft.reps as
select
    'R' || lpad(cast(row_number() over (order by hired_on, seat_no) as varchar), 2, '0') as rep_id,
    staff.number_in_team as territory,
    [
        'تهران', 'تهران', 'تهران', 'تهران', 'اصفهان', 'مشهد', 'Berlin', 'Berlin', 'Berlin', 'Hamburg', 'München',
        'International'
    ][staff.number_in_team] as region,
    staff.hired_on as active_from,
    staff.left_on as active_to,
    staff.employee_id
from draft.staff as staff
where team = 'Field';

insert into sales_reps by name
select
    rep_id,
    case
        when region in ('تهران', 'اصفهان', 'مشهد') then
            any_of(['سارا', 'علی', 'مریم', 'رضا', 'نرگس', 'امیر', 'زهرا', 'پویا'], roll('first name', employee_id))
            || ' '
            || any_of(['احمدی', 'کریمی', 'رضایی', 'موسوی', 'صادقی', 'نوری'], roll('last name', employee_id))
        else
            any_of(['Anna', 'Jonas', 'Lena', 'Felix', 'Mia', 'Paul', 'Clara', 'Emre'], roll('first name', employee_id))
            || ' '
            || any_of(['Schmidt', 'Weber', 'Yilmaz', 'Fischer', 'Becker', 'Koch'], roll('last name', employee_id))
    end as rep_name,
    case when region in ('تهران', 'اصفهان', 'مشهد') then 'Team ایران' else 'Team Europe' end as team,
    region,
    active_from,
    active_to
from draft.reps
where coalesce(active_to, as_of()) >= start_on() - 120;

-- Who holds a territory on a day, and the territories of each region.
create table draft.rep_days as
select
    territory,
    rep_id,
    unnest(range(
        greatest(active_from, start_on() - 120), coalesce(active_to, as_of()) + 1, interval 1 day
    ))::date as date_day
from draft.reps;

create table draft.territories as
select
    region,
    list(distinct territory order by territory) as territories
from draft.reps
group by region;
