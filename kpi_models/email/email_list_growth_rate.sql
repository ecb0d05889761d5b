-- a list is one longer on the day somebody subscribes, and one shorter on the day they leave
with list_changes as (

    select
        subscribed_on as changed_on,
        list,
        1 as subscriber_change
    from {{ ref('email_subscribers') }}

    union all

    select
        unsubscribed_on as changed_on,
        list,
        -1 as subscriber_change
    from {{ ref('email_subscribers') }}
    where unsubscribed_on is not null

),

changes_by_member as (

    {{ by_member('list_changes', ['list'], day='changed_on', size='sum(subscriber_change)') }}

),

list_days as (

    select
        changed_on,
        dimension,
        member,
        sum(subscriber_change) as subscriber_change,
        sum(sum(subscriber_change)) over of_member as subscribers,
        lead(changed_on) over of_member as next_change_on

    from changes_by_member

    group by
        changed_on,
        dimension,
        member

    window of_member as (partition by dimension, member order by changed_on)

),

growth_and_size as (

    select
        period_days.period_grain,
        period_days.period_start,
        list_days.dimension,
        list_days.member,
        list_days.subscriber_change,
        0 as opening_subscribers

    from list_days

    inner join {{ ref('period_days') }} as period_days
        on list_days.changed_on = period_days.date_day

    union all

    select
        periods.period_grain,
        periods.period_start,
        list_days.dimension,
        list_days.member,
        0 as subscriber_change,
        list_days.subscribers as opening_subscribers

    from {{ ref('periods') }} as periods

    inner join list_days
        on periods.opening_on >= list_days.changed_on
        and (list_days.next_change_on is null or periods.opening_on < list_days.next_change_on)

    where list_days.subscribers > 0

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(subscriber_change) as numerator,
    sum(opening_subscribers) as denominator

from growth_and_size

group by all
