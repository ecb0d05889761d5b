-- Customers, their contracts and subscriptions. Offices come from won deals, homes from the web shop; both kinds have a
-- history of thirty months before the first day, from when the company sold by telephone.

create table draft.people as
with former as (
    select
        kind,
        date_day,
        unnest(range(
            about(scale() * monthly * growth / 30.4, roll('former customers', kind || date_day))
        )) as number
    from draft.history_days
    cross join (from (values ('home', 26), ('office', 17)) as kinds (kind, monthly)) as kinds
    where kind = 'home' or isodow(date_day) <= 5
),

former_customers as (
    select
        concat_ws('|', kind, date_day, number) as origin,
        kind,
        case
            when roll('former market', concat_ws('|', kind, date_day, number)) < 0.56 then 'ir'
            else 'de'
        end as market,
        office_hour(date_day, roll('former hour', concat_ws('|', kind, date_day, number))) as created_at
    from former
),

buyers as (
    select
        visitor_id as origin,
        any_value(market) as market,
        any_value(country) as country,
        min(started_at) as created_at,
        arg_min_null(channel, (started_at, session_id)) as channel,
        arg_min_null(campaign, (started_at, session_id)) as campaign,
        bool_or(outcome = 'purchase') as is_buyer
    from draft.visits
    where
        (outcome = 'purchase' and not is_guest)
        or (outcome = 'sign up' and roll('signs up to subscribe', session_id) < 0.35)
    group by visitor_id
),

gathered as (
    select
        origin,
        kind,
        market,
        case market when 'ir' then 'IR' else 'DE' end as country,
        cast(null as varchar) as region,
        cast(null as integer) as territory,
        case
            when kind = 'home' then any_of(['store', 'store', 'referral', 'organic_search'], roll('won by', origin))
            else any_of(['field_sales', 'field_sales', 'referral', 'event'], roll('won by', origin))
        end as channel,
        cast(null as varchar) as campaign,
        cast(null as varchar) as segment,
        cast(null as double) as monthly_amount,
        cast(null as varchar) as lead_id,
        created_at,
        true as is_former,
        false as is_buyer
    from former_customers

    union all

    select
        origin,
        'home' as kind,
        market,
        country,
        null as region,
        null as territory,
        channel,
        campaign,
        null as segment,
        null as monthly_amount,
        null as lead_id,
        created_at + interval 1 minute as created_at,
        false as is_former,
        is_buyer
    from buyers

    union all

    select
        deal as origin,
        'office' as kind,
        market,
        country,
        region,
        territory,
        channel,
        campaign,
        segment,
        monthly_amount,
        lead_id,
        closed_at as created_at,
        false as is_former,
        false as is_buyer
    from draft.new_deals
    where is_won and closed_at <= now_is()
),

described as (
    select
        gathered.* replace (
            coalesce(gathered.region, regions.item) as region,
            coalesce(
                gathered.segment,
                case
                    when kind = 'home' then
                        case when roll('segment', origin) < 0.8 then 'خانگی' else 'Home office' end
                    when roll('segment', origin) < 0.10 then 'Enterprise'
                    when roll('segment', origin) < 0.36 then 'Mid-market'
                    when roll('segment', origin) < 0.72 then 'کسب‌وکار کوچک'
                    else 'کافه و رستوران'
                end
            ) as segment
        )
    from gathered
    inner join draft.region_wheel as regions
        on gathered.market = regions.wheel
        and slot(roll('region', gathered.origin)) = regions.slot
),

placed as (
    select
        described.* replace (
            coalesce(described.territory, any_of(territories.territories, roll('territory', origin))) as territory,
            coalesce(
                monthly_amount,
                round(
                    case segment
                        when 'Enterprise' then 1250
                        when 'Mid-market' then 470
                        when 'کسب‌وکار کوچک' then 190
                        else 240
                    end * (0.7 + 0.6 * roll('monthly amount', origin)), -1
                )
            ) as monthly_amount
        )
    from described
    inner join draft.territories as territories
        on described.region = territories.region
)

select
    'C' || (100000 + row_number() over (order by created_at, origin)) as customer_id,
    *,
    segment = 'Enterprise' and roll('key account', origin) < 0.75 as is_key_account,
    -- an office begins within two weeks; one home buyer in four subscribes within six, and whoever signed up for it
    -- does at once
    case
        when kind = 'office' then
            created_at::date + 3 + cast(floor(11 * roll('starts', origin)) as integer)
        when is_former then created_at::date
        when not is_buyer then created_at::date + cast(floor(3 * roll('starts', origin)) as integer)
        when roll('subscribes', origin) < 0.25 then
            created_at::date + 1 + cast(floor(40 * roll('starts', origin)) as integer)
    end as starts_on
from placed;

insert into customers by name
select
    customer_id,
    created_at,
    segment,
    channel,
    country,
    is_key_account
from draft.people;

-- Contracts run for a year and are renewed six times in seven, key accounts nineteen times in twenty, in the weeks
-- before they end. At a renewal the price may rise (percent) and one in eight takes the next larger plan.
create table draft.terms as
with turns as (
    select
        people.customer_id,
        people.market,
        people.segment,
        people.territory,
        people.monthly_amount,
        turns.turn,
        people.starts_on + to_years(turns.turn) as starts_on,
        people.starts_on + to_years(turns.turn + 1) as ends_on,
        roll('renewal', concat_ws('|', people.customer_id, turns.turn))
            < case when people.is_key_account then 0.95 else 0.865 end as is_renewed,
        case
            when turns.turn = 0 then 0
            else any_of([0, 3, 5, 8], roll('price rise', concat_ws('|', people.customer_id, turns.turn)))
        end as price_rise,
        turns.turn > 0 and roll('larger plan', concat_ws('|', people.customer_id, turns.turn)) < 0.12 as is_upgrade
    from draft.people as people
    cross join (select cast(unnest(range(6)) as integer) as turn) as turns
    where people.kind = 'office'
),

grown as (
    select
        customer_id,
        market,
        segment,
        territory,
        turn,
        starts_on::date as starts_on,
        ends_on::date as ends_on,
        is_renewed,
        ends_on::date - cast(floor(46 * roll('renewed on', concat_ws('|', customer_id, turn))) as integer)
            as renewed_on,
        cast(sum(case when is_upgrade then 1 else 0 end) over so_far as integer) as upgrades,
        round(
            monthly_amount * (100 + sum(price_rise + case when is_upgrade then 60 else 0 end) over so_far) / 100
        ) as monthly_amount
    from turns
    window so_far as (partition by customer_id order by turn rows between unbounded preceding and current row)
)

select
    *,
    case
        when segment = 'کافه و رستوران' then 'کافه'
        else ['Office', 'Office Plus', 'Enterprise'][
            least(3, upgrades + case segment when 'Enterprise' then 3 when 'Mid-market' then 2 else 1 end)
        ]
    end as plan,
    lead(monthly_amount) over (partition by customer_id order by turn) as next_monthly_amount
from grown
-- a term is there once the one before it was renewed
qualify
    coalesce(
        bool_and(is_renewed and renewed_on <= as_of()) over (
            partition by customer_id order by turn rows between unbounded preceding and 1 preceding
        ), true
    );

insert into contracts by name
select
    'K' || right(customer_id, -1) || '-' || (turn + 1) as contract_id,
    customer_id,
    starts_on,
    ends_on,
    12 * monthly_amount as annual_value,
    case when is_renewed and renewed_on <= as_of() then renewed_on end as renewed_on
from draft.terms;

-- Days on which an office is a customer.
create table draft.office_lives as
select
    customer_id,
    min(starts_on) as alive_from,
    max(ends_on) as alive_until
from draft.terms
group by customer_id;

create table draft.subscriptions as
with
-- terms of one price and plan are one subscription
office_terms as (
    select
        *,
        (plan, monthly_amount) is distinct from
        lag((plan, monthly_amount)) over (partition by customer_id order by turn) as is_changed
    from draft.terms
    where starts_on <= as_of()
),

office_numbered as (
    select
        *,
        sum(case when is_changed then 1 else 0 end) over (partition by customer_id order by turn) as number
    from office_terms
),

office_subscriptions as (
    select
        customer_id,
        plan,
        min(starts_on) as started_on,
        max(ends_on) as ended_on,
        monthly_amount
    from office_numbered
    group by customer_id, plan, monthly_amount, number
),

-- homes may leave at the end of any month, and do at 3.7 % a month; one in six comes back
home_lives as (
    select
        customer_id,
        starts_on as started_on,
        1 as life,
        (starts_on + to_months(
            1 + cast(floor(ln(1 - roll('home leaves', customer_id)) / ln(1 - 0.037)) as integer)
        ))::date as ended_on
    from draft.people
    where kind = 'home' and starts_on <= as_of()
),

all_lives as (
    select * from home_lives

    union all

    select
        customer_id,
        ended_on + cast(45 + 160 * roll('home returns after', customer_id) as integer) as started_on,
        2 as life,
        ended_on + cast(45 + 160 * roll('home returns after', customer_id) as integer)
            + cast(30 + 500 * roll('home leaves again', customer_id) as integer) as ended_on
    from home_lives
    where roll('home returns', customer_id) < 0.17
),

-- all home prices rise once, and one home in ten takes the larger plan after some months
eventful as (
    select
        *,
        (date_trunc('month', start_on()) + interval 10 months)::date as prices_rise_on,
        case
            when roll('home upgrade', customer_id) < 0.1
                then started_on + cast(70 + 120 * roll('home upgrade on', customer_id) as integer)
        end as upgraded_on,
        roll('home plan', customer_id) < 0.25 as is_large
    from all_lives
),

home_pieces as (
    select
        *,
        unnest(list_sort(list_distinct(
            [started_on]
            || case when prices_rise_on > started_on and prices_rise_on < ended_on then [prices_rise_on] else [] end
            || case
                when not is_large and upgraded_on > started_on and upgraded_on < ended_on then [upgraded_on] else []
            end
        ))) as piece_from
    from eventful
),

home_subscriptions as (
    select
        customer_id,
        case
            when is_large or (upgraded_on is not null and piece_from >= upgraded_on) then 'Home Plus' else 'خانه'
        end as plan,
        piece_from as started_on,
        lead(piece_from, 1, ended_on) over (partition by customer_id, life order by piece_from) as ended_on,
        case
            when is_large or (upgraded_on is not null and piece_from >= upgraded_on)
                then case when piece_from >= prices_rise_on then 53 else 49 end
            else case when piece_from >= prices_rise_on then 31 else 29 end
        end as monthly_amount
    from home_pieces
)

select * from office_subscriptions

union all

select * from home_subscriptions
where started_on <= as_of();

insert into subscriptions by name
select
    'S' || (20000 + row_number() over (order by started_on, customer_id, plan)) as subscription_id,
    customer_id,
    plan,
    started_on,
    case when ended_on <= as_of() then ended_on end as ended_on,
    monthly_amount
from draft.subscriptions;
