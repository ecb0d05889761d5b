-- a link is one more on the day it is first seen, and one less on the day it is lost
with link_changes as (

    select
        first_seen_on as changed_on,
        source_domain,
        1 as link_change
    from {{ ref('backlinks') }}

    union all

    select
        lost_on as changed_on,
        source_domain,
        -1 as link_change
    from {{ ref('backlinks') }}
    where lost_on is not null

),

changes_by_member as (

    {{ by_member('link_changes', ['source_domain'], day='changed_on', size='sum(link_change)') }}

),

changes_by_day as (

    select
        changed_on,
        dimension,
        member,
        sum(link_change) as link_change

    from changes_by_member

    group by all

),

living_links as (

    select
        dimension,
        member,
        changed_on,
        sum(link_change) over of_member as links,
        lead(changed_on) over of_member as next_change_on

    from changes_by_day

    window of_member as (partition by dimension, member order by changed_on)

)

select
    periods.period_grain,
    periods.period_start,
    living_links.dimension,
    living_links.member,
    living_links.links as numerator,
    cast(null as bigint) as denominator

from {{ ref('periods') }} as periods

inner join living_links
    on periods.measured_on >= living_links.changed_on
    and (living_links.next_change_on is null or periods.measured_on < living_links.next_change_on)

where living_links.links > 0
