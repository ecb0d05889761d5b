with spans as (

    select
        customer_id,
        active_from,
        active_until,
        plan,
        segment

    from {{ ref('customer_spans') }}

),

spans_by_member as (

    {{ by_member('spans', day='active_from', size='count(distinct customer_id)') }}

),

opening_customers as (

    select
        periods.period_grain,
        periods.period_start,
        periods.measured_on,
        spans_by_member.dimension,
        spans_by_member.member,
        spans_by_member.customer_id

    from {{ ref('periods') }} as periods

    inner join spans_by_member
        on periods.opening_on >= spans_by_member.active_from
        and periods.opening_on < spans_by_member.active_until

),

-- whoever changed the plan is still a customer: the last day asks for any plan
compared_customers as (

    select
        opening_customers.period_grain,
        opening_customers.period_start,
        opening_customers.dimension,
        opening_customers.member,
        opening_customers.customer_id,
        spans.customer_id is null as is_lost

    from opening_customers

    left join spans
        on opening_customers.customer_id = spans.customer_id
        and opening_customers.measured_on >= spans.active_from
        and opening_customers.measured_on < spans.active_until

)

select
    period_grain,
    period_start,
    dimension,
    member,
    count(distinct case when is_lost then customer_id end) as numerator,
    count(distinct customer_id) as denominator

from compared_customers

group by
    period_grain,
    period_start,
    dimension,
    member
