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

changes_by_day as (

    select
        changed_on,
        dimension,
        member,
        sum(subscriber_change) as subscriber_change

    from changes_by_member

    group by
        changed_on,
        dimension,
        member

),

list_sizes as (

    select
        dimension,
        member,
        changed_on,
        sum(subscriber_change) over of_member as subscribers,
        lead(changed_on) over of_member as next_change_on

    from changes_by_day

    window of_member as (partition by dimension, member order by changed_on)

),

growth_and_size as (

    select
        period_days.period_grain,
        period_days.period_start,
        changes_by_day.dimension,
        changes_by_day.member,
        changes_by_day.subscriber_change,
        0 as opening_subscribers

    from changes_by_day

    inner join {{ ref('period_days') }} as period_days
        on changes_by_day.changed_on = period_days.date_day

    union all

    select
        periods.period_grain,
        periods.period_start,
        list_sizes.dimension,
        list_sizes.member,
        0 as subscriber_change,
        list_sizes.subscribers as opening_subscribers

    from {{ ref('periods') }} as periods

    inner join list_sizes
        on periods.opening_on >= list_sizes.changed_on
        and (list_sizes.next_change_on is null or periods.opening_on < list_sizes.next_change_on)

    where list_sizes.subscribers > 0

)

select
    period_grain,
    period_start,
    dimension,
    member,
    sum(subscriber_change) as numerator,
    sum(opening_subscribers) as denominator

from growth_and_size

group by
    period_grain,
    period_start,
    dimension,
    member
