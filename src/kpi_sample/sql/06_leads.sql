-- Leads and what becomes of them: qualified by marketing, by sales, an opportunity, a customer.

create table draft.leads as
with offline_days as (
    select
        date_day,
        about(
            -- three fairs and the word of mouth of a growing company
            scale() * 1.9 * growth * weight * case when month(date_day) in (2, 5, 10) then 1.4 else 1 end,
            roll('offline leads', date_day)
        ) as leads
    from draft.market_days
    where market = 'ir' and activity = 'office'
),

offline_numbered as (
    select
        date_day,
        date_day || '-' || unnest(range(leads)) as number
    from offline_days
),

offline as (
    select
        date_day,
        number,
        case when roll('offline market', number) < 0.55 then 'ir' else 'de' end as market,
        any_of(
            [
                'trade fair', 'trade fair', 'word of mouth', 'word of mouth', 'outbound', 'outbound', 'partner', 'phone'
            ], roll('offline source', number)
        ) as source
    from offline_numbered
),

gathered as (
    select
        session_id as origin,
        market,
        country,
        converted_at(started_at, outcome, pages, pace) + interval 5 seconds as created_at,
        source,
        channel,
        campaign
    from draft.visits
    where outcome in ('contact', 'lead')

    union all

    select
        'offline-' || offline.number as origin,
        offline.market,
        case offline.market when 'ir' then 'IR' else 'DE' end as country,
        office_hour(offline.date_day, roll('offline hour', offline.number)) as created_at,
        offline.source,
        case offline.source
            when 'trade fair' then 'event'
            when 'outbound' then 'field_sales'
            when 'phone' then 'phone'
            else 'referral'
        end as channel,
        days.campaign_in_field as campaign
    from offline
    inner join draft.days as days
        using (date_day)
),

described as (
    select
        gathered.*,
        dice('lead', origin) as bits,
        dice('lead goes on', origin) as more,
        regions.item as region
    from gathered
    inner join draft.region_wheel as regions
        on gathered.market = regions.wheel
        and slot(roll('lead region', gathered.origin)) = regions.slot
),

placed as (
    select
        described.*,
        any_of(territories.territories, roll('lead territory', origin)) as territory,
        -- 58 of 100 are worth a call, half of those are worth an offer, most of those get one
        part(bits, 0) < 0.58 as is_marketing_qualified,
        part(bits, 0) < 0.58 and part(bits, 1) < 0.52 as is_sales_qualified,
        part(bits, 0) < 0.58 and part(bits, 1) < 0.52 and part(bits, 2) < 0.88 as is_opportunity,
        created_at + to_hours(cast(2 + 140 * part(more, 0) * part(more, 0) as integer)) as marketing_qualified_at
    from described
    inner join draft.territories as territories
        on described.region = territories.region
),

timed as (
    select
        *,
        marketing_qualified_at + to_hours(cast(20 + 300 * part(more, 1) as integer)) as sales_qualified_at
    from placed
)

select
    'L' || (10000 + row_number() over (order by created_at, origin)) as lead_id,
    origin,
    market,
    country,
    region,
    territory,
    created_at,
    source,
    channel,
    campaign,
    is_marketing_qualified,
    is_sales_qualified,
    is_opportunity,
    marketing_qualified_at,
    sales_qualified_at,
    sales_qualified_at + to_hours(cast(1 + 110 * part(more, 2) as integer)) as opportunity_at
from timed;

-- Deals with those leads, and with people met before the first day, as far as they were still open then. Everything
-- that will ever happen to a deal is drawn at once: a list of stages with their days ends where it is lost, or after the
-- last one where it is won. What as_of has not seen yet is cut away in 08.
create table draft.new_deals as
with carried_days as (
    select
        date_day,
        unnest(range(about(scale() * 0.95, roll('carried deals', date_day)))) as number
    from draft.history_days
    where date_day >= start_on() - 110 and isodow(date_day) <= 5
),

carried as (
    select
        'carried-' || date_day || '-' || number as deal,
        case when roll('carried market', date_day || '-' || number) < 0.55 then 'ir' else 'de' end as market,
        office_hour(date_day, roll('carried hour', date_day || '-' || number)) as created_at
    from carried_days
),

gathered as (
    select
        lead_id as deal,
        lead_id,
        market,
        country,
        region,
        territory,
        source,
        channel,
        campaign,
        opportunity_at as created_at
    from draft.leads
    where is_opportunity and opportunity_at <= now_is()

    union all

    select
        carried.deal,
        null as lead_id,
        carried.market,
        case carried.market when 'ir' then 'IR' else 'DE' end as country,
        regions.item as region,
        any_of(territories.territories, roll('carried territory', carried.deal)) as territory,
        'word of mouth' as source,
        'referral' as channel,
        null as campaign,
        carried.created_at
    from carried
    inner join draft.region_wheel as regions
        on carried.market = regions.wheel
        and slot(roll('carried region', carried.deal)) = regions.slot
    inner join draft.territories as territories
        on regions.item = territories.region
),

deals as (
    select
        *,
        dice('deal', deal) as bits,
        dice('deal goes on', deal) as more
    from gathered
),

scored as (
    select
        *,
        1 + cast(floor(5 * part(bits, 0)) as integer) as score,
        case
            when part(bits, 1) < 0.10 then 'Enterprise'
            when part(bits, 1) < 0.36 then 'Mid-market'
            when part(bits, 1) < 0.72 then 'کسب‌وکار کوچک'
            else 'کافه و رستوران'
        end as segment
    from deals
),

priced as (
    select
        *,
        -- the price of a month, before anything is raised
        round(
            case segment
                when 'Enterprise' then 1400
                when 'Mid-market' then 520
                when 'کسب‌وکار کوچک' then 210
                else 260
            end * (0.7 + 0.6 * part(bits, 2)), -1
        ) as monthly_amount,
        part(bits, 3) < [0.10, 0.18, 0.28, 0.40, 0.52][score] as is_won,
        [
            3 + cast(floor(11 * part(more, 0)) as integer),
            4 + cast(floor(15 * part(more, 1)) as integer),
            6 + cast(floor(26 * part(more, 2)) as integer),
            4 + cast(floor(25 * part(more, 3)) as integer)
        ] as days_in_stages,
        -- the stage in which it is lost, if it is
        case
            when roll('deal lost in', deal) < 0.25 then 1
            when roll('deal lost in', deal) < 0.50 then 2
            when roll('deal lost in', deal) < 0.80 then 3
            else 4
        end as last_stage
    from scored
),

ended as (
    select
        *,
        case when is_won then 4 else last_stage end as stage_count
    from priced
)

select
    deal,
    lead_id,
    market,
    country,
    region,
    territory,
    source,
    channel,
    campaign,
    segment,
    monthly_amount,
    score,
    is_won,
    created_at,
    ['Discovery', 'Demo', 'Proposal', 'Negotiation'][:stage_count] as stages,
    days_in_stages[:stage_count] as days_in_stages,
    created_at + to_days(cast(list_sum(days_in_stages[:stage_count]) as integer)) as closed_at
from ended
where created_at + to_days(cast(list_sum(days_in_stages[:stage_count]) as integer)) >= start_on();
