{#-
    Daily parts added up into every period. For sums and ratios only: numerators and denominators add, rates do not.

    daily: a CTE with date_day, dimension, member, numerator, denominator.
-#}
{% macro add_up_days(daily) %}
select
    period_days.period_grain,
    period_days.period_start,
    {{ daily }}.dimension,
    {{ daily }}.member,
    sum({{ daily }}.numerator) as numerator,
    sum({{ daily }}.denominator) as denominator

from {{ daily }}

inner join {{ ref('period_days') }} as period_days
    on {{ daily }}.date_day = period_days.date_day

group by
    period_days.period_grain,
    period_days.period_start,
    {{ daily }}.dimension,
    {{ daily }}.member
{% endmacro %}
