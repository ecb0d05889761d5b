{#-
    The versions of each key of an export, as raw keeps them, each with the days on which it held: from `valid_from` up to
    the day before `valid_until`. For what a tool overwrites (a plan's price, a department), so that March keeps March's.

    A version holds from the business day of its layout's updated_at, else from the day in its file's name; the first one
    from the beginning, the last one for ever. Versions without a day come before all that have one, and the last of them
    counts; one that was replaced on its own day held on none, its valid_until is its valid_from. A version that differs in none of the columns `of` is none, so that a daily export costs no row a day.

    `version_number` counts them from the oldest.

    What became of the key (whether it is still there) is for `current_version` to say: join this with it.
-#}
{% macro versions_of(system, entity, of) %}
    {%- set relation = source(system, entity) -%}
    {%- if execute and graph -%}
        {%- set key = graph.sources['source.kpi_pipeline.' ~ system ~ '.' ~ entity].config.meta.export.key | join(', ') -%}
    select
        *,
        coalesce(
            lead(valid_from) over (partition by {{ key }} order by _version_at nulls first, _load, _row),
            date '9999-12-31'
        ) as valid_until
    from (
        select
            *,
            case
                when version_number = 1 or _version_at is null then date '0001-01-01'
                -- the day in a file's name is a day, in any time zone
                when _version_at = {{ dbt.date_trunc('day', '_version_at') }} then cast(_version_at as date)
                else {{ business_day('_version_at') }}
            end as valid_from
        from (
            select
                *,
                row_number() over version_order as version_number
                {%- for column in of %},
                lag({{ column }}) over version_order as earlier_{{ column }}
                {%- endfor %}
            from {{ relation }}
            where _gone is not true
            window version_order as (partition by {{ key }} order by _version_at nulls first, _load, _row)
        ) as numbered
        where
            version_number = 1
            {%- for column in of %}
            or {{ column }} is distinct from earlier_{{ column }}
            {%- endfor %}
    ) as dated
    {%- else -%}
    select
        *,
        1 as version_number,
        date '0001-01-01' as valid_from,
        date '9999-12-31' as valid_until
    from {{ relation }}
    {%- endif -%}
{% endmacro %}
