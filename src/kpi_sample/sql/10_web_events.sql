-- What each visit clicks through, event by event.

-- customers who come back to order have a visit too
create table draft.returning_visits as
with again as (
    select
        orders.order_id,
        orders.market,
        orders.ordered_at,
        orders.channel,
        orders.campaign,
        people.country,
        case
            when starts_with(people.origin, 'v-') then people.origin
            else 'v-' || people.market || '-' || people.customer_id
        end as visitor_id,
        dice('returns', orders.order_id) as bits
    from draft.orders as orders
    inner join draft.people as people
        on orders.customer_id = people.customer_id
    where orders.way = 'web' and starts_with(orders.origin, 'again|')
),

paced as (
    select
        *,
        2 + cast(floor(4 * part(bits, 0)) as integer) as pages,
        12 + cast(floor(60 * part(bits, 1)) as integer) as pace
    from again
)

select
    's-' || paced.market || '-' || paced.order_id as session_id,
    paced.visitor_id,
    paced.market,
    paced.country,
    case when part(paced.bits, 2) < 0.55 then 'mobile' else 'desktop' end as device,
    case paced.channel
        when 'email' then 'newsletter'
        when 'direct' then '(direct)'
        when 'organic_social' then 'instagram'
        when 'paid_social' then 'instagram'
        when 'referral' then 'friends'
        else 'google'
    end as source,
    case paced.channel
        when 'email' then 'email'
        when 'direct' then '(none)'
        when 'organic_social' then 'social'
        when 'paid_social' then 'paid_social'
        when 'referral' then 'referral'
        else 'organic'
    end as medium,
    paced.channel,
    coalesce(paced.campaign, case when paced.channel = 'email' then newsletters.newsletter end) as campaign,
    null as keyword,
    paced.ordered_at - to_seconds(paced.pace * (paced.pages + 4) + 2) as started_at,
    'purchase' as outcome,
    paced.pages,
    paced.pace
from paced
inner join draft.newsletters as newsletters
    on paced.ordered_at::date = newsletters.date_day;

insert into web_events by name
with purchases as (
    select
        case
            when starts_with(origin, 'again|') then 's-' || market || '-' || order_id else origin
        end as session_id,
        revenue
    from draft.orders
    where way = 'web'
),

all_visits as (
    select
        session_id,
        visitor_id,
        market,
        country,
        device,
        source,
        medium,
        channel,
        campaign,
        keyword,
        started_at,
        outcome,
        pages,
        pace
    from draft.visits

    union all

    select * from draft.returning_visits
),

scripted as (
    select
        visits.*,
        purchases.revenue,
        list_resize(cast([] as varchar []), case visits.outcome when 'bounce' then 1 else visits.pages end, 'page_view')
        || case visits.outcome
            when 'bounce' then []
            when 'browse' then
                case when roll('video', visits.session_id) < 0.09 then ['video_start'] else [] end
            when 'cart' then
                case
                    when roll('reaches checkout', visits.session_id) < 0.45
                        then ['add_to_cart', 'page_view', 'begin_checkout', 'page_view']
                    else ['add_to_cart', 'page_view']
                end
            when 'purchase' then
                ['add_to_cart', 'page_view', 'begin_checkout', 'page_view', 'purchase', 'page_view']
            when 'contact form' then ['contact_form_view']
            when 'contact' then ['contact_form_view', 'contact_form_submit', 'page_view']
            when 'lead' then ['generate_lead', 'page_view']
            when 'sign up' then ['sign_up', 'page_view']
        end as events
    from all_visits as visits
    left join purchases
        on visits.session_id = purchases.session_id
),

unrolled as (
    select
        * exclude (events),
        unnest(events) as event_name,
        unnest(range(1, len(events) + 1)) as number
    from scripted
),

thrown as (
    select
        *,
        dice('event', session_id || '-' || number) as bits
    from unrolled
)

select
    session_id || '-' || number as event_id,
    session_id,
    visitor_id,
    -- what converts happens exactly on its beat, because an order or a lead knows that moment too
    started_at + to_seconds(
        (number - 1) * pace
        + case
            when number = 1 or event_name in ('purchase', 'generate_lead', 'contact_form_submit', 'sign_up') then 0
            else cast(floor(0.7 * pace * part(bits, 0)) as integer)
        end
    ) as event_at,
    event_name,
    case market when 'ir' then '/fa' when 'de' then '/de' else '/en' end
    || case
        when event_name in ('contact_form_view', 'contact_form_submit') then '/contact'
        when event_name = 'generate_lead' then '/office/offer'
        when event_name = 'sign_up' then '/account'
        when event_name = 'purchase' then '/checkout/thank-you'
        when event_name = 'begin_checkout' then '/checkout'
        when event_name = 'add_to_cart' then '/shop/cart'
        -- people from a search engine land deeper than those who know the address
        when number = 1 and channel in ('organic_search', 'paid_search') then any_of(
            ['/shop/beans', '/shop/beans', '/office', '/blog/espresso', '/blog/grinder', '/shop/machines'],
            part(bits, 1)
        )
        when number = 1 then any_of(['/', '/', '/', '/shop', '/subscription'], part(bits, 1))
        else any_of(
            [
                '/shop', '/shop/beans', '/shop/machines', '/shop/tea', '/office', '/subscription', '/about',
                '/blog/espresso'
            ],
            part(bits, 1)
        )
    end as page,
    source,
    medium,
    channel,
    campaign,
    keyword,
    country,
    device,
    case
        when event_name = 'page_view' and outcome = 'bounce' then round(1 + 24 * part(bits, 2) * part(bits, 2), 1)
        when event_name = 'page_view' then round(pace * (0.3 + 0.6 * part(bits, 2)), 1)
        when event_name = 'video_start' then round(10 + 50 * part(bits, 2), 1)
    end as engagement_seconds,
    case
        when event_name = 'purchase' then revenue
        when event_name = 'generate_lead' then 40
        when event_name = 'contact_form_submit' then 25
    end as event_value,
    -- a visit buys once
    case when event_name = 'purchase' then session_id end as transaction_id
from thrown;
