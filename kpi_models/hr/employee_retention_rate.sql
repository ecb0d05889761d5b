with opening_employees as (

    select
        periods.period_grain,
        periods.period_start,
        spans.department,
        spans.left_on is null or spans.left_on > periods.measured_on as is_retained

    from {{ ref('periods') }} as periods

    -- in the headcount after the day before the period
    inner join {{ ref('employee_spans') }} as spans
        on periods.opening_on >= spans.active_from
        and (spans.active_until is null or periods.opening_on < spans.active_until)

),

employees_by_member as (

    {{ by_member(
        'opening_employees', ['department'], day='period_start',
        size="count(case when period_grain = 'day' then 1 end)"
    ) }}

)

select
    period_grain,
    period_start,
    dimension,
    member,
    count_if(is_retained) as numerator,
    count(*) as denominator

from employees_by_member

group by all
