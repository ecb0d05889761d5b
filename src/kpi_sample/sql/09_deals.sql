-- Opportunities as the CRM has them on as_of: new business, more business with offices that we have, and renewals; with
-- the stages they went through and the activities around them. And the leads, because now we know what became of them.

create table draft.deals as
with renewals as (
    -- somebody asks two months before a contract ends
    select
        customer_id,
        territory,
        customer_id || '-' || turn as deal,
        office_hour(ends_on - 60, roll('renewal asked at', customer_id || '|' || turn)) as created_at,
        case when is_renewed then renewed_on else ends_on end - (ends_on - 60) as days,
        is_renewed as is_won,
        12 * coalesce(next_monthly_amount, monthly_amount) as amount
    from draft.terms
    where ends_on - 60 between start_on() and as_of()
),

gathered as (
    select
        'new|' || new_deals.deal as deal,
        'new_business' as opportunity_type,
        new_deals.lead_id,
        -- the customer that the lead became
        people.customer_id,
        new_deals.territory,
        new_deals.source,
        new_deals.segment,
        case new_deals.segment when 'کافه و رستوران' then 'Café supply' else 'Office coffee' end as product,
        cast(12 * new_deals.monthly_amount as decimal(18, 4)) as amount,
        new_deals.score,
        new_deals.is_won,
        new_deals.stages,
        new_deals.days_in_stages,
        new_deals.created_at
    from draft.new_deals as new_deals
    left join draft.people as people
        on new_deals.deal = people.origin

    union all

    select
        'more|' || deals.deal as deal,
        deals.opportunity_type,
        null as lead_id,
        deals.customer_id,
        people.territory,
        'account management' as source,
        people.segment,
        case deals.opportunity_type when 'upsell' then 'Machines' else 'Beans and tea' end as product,
        -- a won deal is worth what was ordered
        coalesce(orders.revenue, deals.amount) as amount,
        deals.score,
        deals.is_won,
        case
            when deals.is_won or roll('expansion lost in', deals.deal) < 0.6 then ['Proposal', 'Negotiation']
            else ['Proposal']
        end as stages,
        case
            when deals.is_won or roll('expansion lost in', deals.deal) < 0.6 then deals.days_in_stages
            else deals.days_in_stages[:1]
        end as days_in_stages,
        deals.created_at
    from draft.expansion_deals as deals
    inner join draft.people as people
        on deals.customer_id = people.customer_id
    left join draft.orders as orders
        on 'deal|' || deals.deal = orders.origin

    union all

    select
        'renewal|' || renewals.deal as deal,
        'renewal' as opportunity_type,
        null as lead_id,
        renewals.customer_id,
        renewals.territory,
        'account management' as source,
        people.segment,
        'Service contract' as product,
        renewals.amount,
        3 + cast(floor(3 * roll('renewal score', renewals.deal)) as integer) as score,
        renewals.is_won,
        ['Proposal', 'Negotiation'] as stages,
        [cast(floor(renewals.days * 0.4) as integer), cast(renewals.days - floor(renewals.days * 0.4) as integer)]
            as days_in_stages,
        renewals.created_at
    from renewals
    inner join draft.people as people
        on renewals.customer_id = people.customer_id
),

closing as (
    select
        *,
        created_at + to_days(cast(list_sum(days_in_stages) as integer)) as closed_at
    from gathered
    where created_at <= now_is()
)

select
    'OP' || (3000 + row_number() over (order by created_at, deal)) as opportunity_id,
    *
from closing;

create table draft.deal_stages as
with entered as (
    select
        opportunity_id,
        closed_at,
        is_won,
        created_at,
        days_in_stages,
        stages,
        unnest(range(1, len(stages) + 1)) as number
    from draft.deals
),

timed as (
    select
        opportunity_id,
        number,
        stages[number] as stage,
        created_at + to_days(cast(coalesce(list_sum(days_in_stages[:number - 1]), 0) as integer)) as entered_at,
        created_at + to_days(cast(list_sum(days_in_stages[:number]) as integer)) as left_at
    from entered

    union all

    select
        opportunity_id,
        len(stages) + 1 as number,
        case when is_won then 'Closed Won' else 'Closed Lost' end as stage,
        closed_at as entered_at,
        null as left_at
    from draft.deals
)

select *
from timed
where entered_at <= now_is();

insert into opportunity_stage_changes by name
select
    opportunity_id,
    stage,
    entered_at,
    if_past(left_at) as left_at
from draft.deal_stages;

insert into opportunities by name
with reached as (
    select
        opportunity_id,
        arg_max(stage, number) as stage,
        min(case when stage = 'Proposal' then entered_at end) as proposal_at
    from draft.deal_stages
    group by opportunity_id
)

select
    deals.opportunity_id,
    deals.lead_id,
    deals.customer_id,
    reps.rep_id,
    deals.created_at,
    case when deals.closed_at <= now_is() then deals.closed_at::date end as closed_on,
    reached.stage,
    case reached.stage when 'Closed Won' then 'won' when 'Closed Lost' then 'lost' else 'open' end as outcome,
    deals.opportunity_type,
    deals.amount,
    case when roll('score given', deals.opportunity_id) > 0.08 then deals.score end as score,
    deals.product,
    deals.source,
    deals.segment,
    if_past(reached.proposal_at + to_hours(cast(2 + 40 * roll('proposal sent', deals.opportunity_id) as integer)))
        as proposal_sent_at
from draft.deals as deals
inner join reached
    on deals.opportunity_id = reached.opportunity_id
left join draft.rep_days as reps
    on deals.territory = reps.territory
    and deals.created_at::date = reps.date_day;

insert into leads by name
select
    leads.lead_id,
    leads.created_at,
    leads.source,
    leads.campaign,
    case
        -- nobody is given a lead that is worth nothing, or hardly anybody
        when leads.is_marketing_qualified or roll('lead given', leads.lead_id) < 0.4 then reps.rep_id
    end as rep_id,
    leads.country,
    case when leads.is_marketing_qualified then if_past(leads.marketing_qualified_at) end as marketing_qualified_at,
    case when leads.is_sales_qualified then if_past(leads.sales_qualified_at) end as sales_qualified_at,
    people.created_at as converted_at,
    people.customer_id,
    case
        when people.customer_id is not null then 'customer'
        when deals.closed_at <= now_is() then 'lost'
        when deals.lead_id is not null then 'opportunity'
        when leads.is_sales_qualified and leads.sales_qualified_at <= now_is() then 'sales qualified'
        when leads.is_marketing_qualified and leads.marketing_qualified_at <= now_is() then 'marketing qualified'
        when leads.created_at < now_is() - interval 30 days then 'unqualified'
        else 'new'
    end as status
from draft.leads as leads
left join draft.new_deals as deals
    on leads.lead_id = deals.lead_id
left join draft.people as people
    on leads.lead_id = people.lead_id
left join draft.rep_days as reps
    on leads.territory = reps.territory
    and leads.created_at::date = reps.date_day
where leads.created_at <= now_is();

-- A demo in the stage of that name; calls, mails and meetings all along; a call or two with each qualified lead.
insert into activities by name
with planned as (
    select
        opportunity_id,
        cast(null as varchar) as lead_id,
        'demo' as activity_type,
        entered_at + to_hours(cast(24 + 48 * roll('demo at', opportunity_id) as integer)) as held_at
    from draft.deal_stages
    where stage = 'Demo'

    union all

    -- of ten demos that were not held, seven are made up for
    select
        opportunity_id,
        null as lead_id,
        'demo' as activity_type,
        entered_at + interval 3 days + to_hours(cast(24 * roll('second demo at', opportunity_id) as integer)) as held_at
    from draft.deal_stages
    where stage = 'Demo' and roll('second demo', opportunity_id) < 0.2

    union all

    select
        opportunity_id,
        null as lead_id,
        any_of(
            ['call', 'call', 'call', 'email', 'email', 'meeting'], roll('activity', opportunity_id || '|' || number)
        ) as activity_type,
        created_at + to_minutes(cast(
            1440 * days * roll('activity at', opportunity_id || '|' || number) as bigint
        )) as held_at
    from (
        select
            opportunity_id,
            created_at,
            list_sum(days_in_stages) as days,
            unnest(range(1 + cast(floor(5 * roll('activities', opportunity_id)) as bigint))) as number
        from draft.deals
    ) as numbered

    union all

    select
        null as opportunity_id,
        lead_id,
        'call' as activity_type,
        marketing_qualified_at + to_hours(cast(20 * number + 18 * roll('lead call', lead_id) as integer)) as held_at
    from (
        select
            lead_id,
            marketing_qualified_at,
            unnest(range(1 + cast(floor(2 * roll('lead calls', lead_id)) as bigint))) as number
        from draft.leads
        where is_marketing_qualified
    ) as numbered
),

numbered as (
    select
        'AC' || (70000 + row_number() over (
            order by
                planned.held_at, planned.opportunity_id nulls last, planned.lead_id nulls last, planned.activity_type
        )) as activity_id,
        planned.*,
        coalesce(deals.territory, leads.territory) as territory
    from planned
    left join draft.deals as deals
        on planned.opportunity_id = deals.opportunity_id
    left join draft.leads as leads
        on planned.lead_id = leads.lead_id
    where planned.held_at <= now_is()
)

select
    numbered.activity_id,
    numbered.activity_type,
    numbered.held_at,
    case
        when roll('activity held', numbered.activity_id) < 0.07 then 'no_show'
        when roll('activity held', numbered.activity_id) < 0.16 then 'cancelled'
        else 'completed'
    end as status,
    reps.rep_id,
    numbered.lead_id,
    numbered.opportunity_id
from numbered
left join draft.rep_days as reps
    on numbered.territory = reps.territory
    and numbered.held_at::date = reps.date_day;
