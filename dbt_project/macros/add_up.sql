{#-
    The parts of a day, added up over members and periods: for sums, and for ratios, whose numerators and denominators are
    added and only then divided.

    parts: a CTE with date_day, the KPI's dimensions, numerator and denominator: one row per day and combination of them.
-#}
{% macro add_up(parts, dimensions) %}
select
    period_days.period_grain,
    period_days.period_start,
    daily.dimension,
    daily.member,
    sum(daily.numerator) as numerator,
    sum(daily.denominator) as denominator

from (
    select
        date_day,
        dimension,
        member,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from (
        {{ by_member(parts, dimensions, day='date_day', size='sum(coalesce(denominator, numerator))') }}
    ) as parts_by_member
    group by date_day, dimension, member
) as daily

inner join {{ ref('period_days') }} as period_days
    on daily.date_day = period_days.date_day

group by
    period_days.period_grain,
    period_days.period_start,
    daily.dimension,
    daily.member
{% endmacro %}
