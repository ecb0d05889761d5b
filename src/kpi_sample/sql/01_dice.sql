-- Dice. Every random choice is a hash of the seed, the name of the choice and the number of the row that asks, so that
-- the same seed gives the same company in whatever order and on however many threads the rows are made.
--
-- The tables of the company stand in `main` and are created before this file runs. What is only needed on the way
-- stands in `draft`, which is dropped in the end. The variables seed, as_of, start_on, scale and visits are set.

create schema draft;

-- 64 random bits: four independent numbers for the price of one
create or replace temp macro dice(choice, number) as
    cast(md5_number(concat_ws('|', getvariable('seed'), choice, number)) & 18446744073709551615 as ubigint);

-- the first (0) to fourth (3) of those numbers, from 0 to below 1 in steps of 1/65536
create or replace temp macro part(bits, which) as
    ((bits >> cast(16 * which as ubigint)) & cast(65535 as ubigint)) / 65536.0;

-- one number from 0 to below 1, in fine steps
create or replace temp macro roll(choice, number) as
    (dice(choice, number) >> cast(11 as ubigint)) / 9007199254740992.0;

-- a number around 0 that is nearly normal, with deviation 1 and never beyond 3.5
create or replace temp macro bell(choice, number) as (
    part(dice(choice, number), 0) + part(dice(choice, number), 1)
    + part(dice(choice, number), 2) + part(dice(choice, number), 3) - 2
) * 1.7320508;

-- a whole number that is right on average: 2.3 is 2, and three times in ten 3
create or replace temp macro about(amount, chance) as cast(floor(amount + chance) as bigint);

-- one element of a list, each as likely as the others
create or replace temp macro any_of(list, chance) as list[1 + cast(floor(chance * len(list)) as integer)];

create or replace temp macro as_of() as getvariable('as_of');
create or replace temp macro start_on() as getvariable('start_on');
create or replace temp macro scale() as getvariable('scale');

-- a moment of a day, and one in the hours in which Tehran and Berlin are both at work (6:00 to 15:00 UTC)
create or replace temp macro moment(day, second) as day + to_seconds(cast(floor(second) as bigint));
create or replace temp macro office_hour(day, chance) as moment(day, 21600 + 32400 * chance);

-- the last second that has happened
create or replace temp macro now_is() as as_of() + interval '23:59:59';

-- what has not happened by as_of is not known
create or replace temp macro if_past(moment) as case when moment <= now_is() then moment end;

-- A wheel of fortune: items of a table (wheel, item, weight) as 1000 slots, to be joined on a number from 0 to 999.
-- Joining a slot is a plain equality, where comparing a number with the bounds of each item would not be.
create or replace temp macro wheel(weights) as table
    with bounds as (
        select
            wheel,
            item,
            cast(
                round(
                    1000 * sum(weight) over (partition by wheel order by item) / sum(weight) over (partition by wheel)
                ) as integer
            ) as upto
        from query_table(weights)
    )

    select
        wheel,
        item,
        unnest(range(lag(upto, 1, 0) over (partition by wheel order by item), upto)) as slot
    from bounds;

create or replace temp macro slot(chance) as cast(floor(1000 * chance) as bigint);
