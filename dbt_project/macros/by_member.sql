{#-
    Every row once under the total (dimension `all`, member `all`) and once under each dimension, so that the KPI counts
    with one plain `group by dimension, member`.

    rows: a CTE that has the dimensions as columns. dimensions: those of the KPI's YAML, and no others: the macro refuses
    them (they stand here too because a unit test cannot see the YAML). day: the date of a row. size: the aggregate that
    ranks members, which is the KPI's denominator, or its numerator where it has none.

    A missing value is member `none`; a value of the data that is called all, other or none gets a trailing `_`. Beyond
    the member limit, the smallest become `other` here, before anything is counted, so that distinct counts are right.
    Size is taken up to the last complete calendar year, in the first year over all days: nights do not re-rank.

    A KPI whose dimensions come from two kinds of rows (orders and their lines) names those of each, and leaves the
    total out of the second.
-#}
{% macro by_member(rows, dimensions, day, size, with_total=true) %}
    {%- if execute and model.resource_type == 'model' and model.config.meta.kpi is defined %}
    {%- for dimension in dimensions if dimension not in model.config.meta.kpi.dimensions %}
    {{- exceptions.raise_compiler_error(
        model.name ~ '.sql counts by ' ~ dimension ~ ', which ' ~ model.name ~ '.yml does not name among its dimensions ('
        ~ (model.config.meta.kpi.dimensions | join(', ') or 'none') ~ '); make the two the same.'
    ) -}}
    {%- endfor %}
    {%- endif %}
    {%- if with_total %}
    select
        {{ rows }}.*,
        'all' as dimension,
        'all' as member
    from {{ rows }}
    {%- endif %}
    {%- for dimension in dimensions %}
    {%- if with_total or not loop.first %}

    union all
    {%- endif %}

    select
        {{ rows }}.*,
        '{{ dimension }}' as dimension,
        case when ranks.size_rank <= run.member_limit then ranks.member else 'other' end as member
    from {{ rows }}
    inner join (
        select
            {{ dimension }} as given,
            case
                when {{ dimension }} is null then 'none'
                when cast({{ dimension }} as {{ dbt.type_string() }}) in ('all', 'other', 'none')
                    then cast({{ dimension }} as {{ dbt.type_string() }}) || '_'
                else cast({{ dimension }} as {{ dbt.type_string() }})
            end as member,
            row_number() over (
                order by
                    coalesce({{ size }} filter (where {{ day }} < ranked_before), 0) desc,
                    cast({{ dimension }} as {{ dbt.type_string() }})
            ) as size_rank
        from {{ rows }}
        cross join (
            select
                case when min(first_rows.{{ day }}) < min(run.ranked_before)
                    then min(run.ranked_before) else date '9999-12-31'
                end as ranked_before
            from {{ rows }} as first_rows
            cross join {{ source('settings', 'run') }} as run
        ) as ranking
        group by {{ dimension }}
    ) as ranks
        on {{ rows }}.{{ dimension }} is not distinct from ranks.given
    cross join {{ source('settings', 'run') }} as run
    {%- endfor %}
{% endmacro %}
