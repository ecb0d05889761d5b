{#-
    The rows of an export that count now. raw keeps whatever any file said; what a row is, by `rows` of the source's
    contract, decides (docs/what-a-row-is.md).

    things: the newest version of a key, unless it says that the thing is gone, or another thing has absorbed it.
    lines: those of the newest version of their document, as each report tells it; where several tell a line, the newest
    counts. events: the first of a key, but those of a provisional file
    whose final one is there. reports, readings: the rows of each day that no newer edition speaks of; a reading is one
    for each key. snapshot: the newest file of each report.

    Newest is by the layout's updated_at, else the date in the file's name, else the order of loading.
-#}
{% macro current_version(system, entity) %}
    {%- set relation = source(system, entity) -%}
    {%- if execute and graph -%}
        {%- set export = graph.sources['source.kpi_pipeline.' ~ system ~ '.' ~ entity].config.meta.export -%}
        {%- set current = {
            'things': current_things, 'lines': current_lines, 'events': current_events, 'reports': current_reports,
            'readings': current_readings, 'snapshot': current_snapshot,
        }[export.rows] -%}
        {{ current(relation, entity, export) }}
    {%- else -%}
    select * from {{ relation }}
    {%- endif -%}
{% endmacro %}

{#- The place of a row among those of its key, the newest first. -#}
{% macro version_rank(export) -%}
    row_number() over (
        partition by {{ export.key | join(', ') }} order by _version_at desc nulls last, _load desc, _row desc
    ) as version_rank
{%- endmacro %}

{% macro current_things(relation, entity, export) %}
    select *
    from (
        select
            *,
            {{ version_rank(export) }}
        from {{ relation }}
    ) as versions
    where
        version_rank = 1
        and _gone is not true
        {%- if export.key | length == 1 %}
        and not exists (
            select 1
            from (select _absorbs from {{ relation }} where _absorbs is not null and _gone is not true) as survivors
            where array_contains(survivors._absorbs, versions.{{ export.key[0] }})
        )
        {%- endif %}
{% endmacro %}

{% macro current_lines(relation, entity, export) %}
    select *
    from (
        select
            *,
            {{ version_rank(export) }}
        from (
            select
                *,
                first_value(_load) over (
                    partition by {{ export.of }}, loads.report, loads.series
                    order by _version_at desc nulls last, _load desc
                ) as newest_load
            from {{ relation }}
            left join (select load, report, series from {{ loads_of(relation) }}) as loads
                on _load = loads.load
        ) as documents
        where _load = newest_load
    ) as versions
    where version_rank = 1
{% endmacro %}

{% macro current_events(relation, entity, export) %}
    {%- set loads = loads_of(relation) %}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ export.key | join(', ') }} order by _version_at asc nulls last, _load, _row
            ) as version_rank
        from {{ relation }}
        where _load not in (
            select provisional.load
            from {{ loads }} as provisional
            inner join {{ loads }} as final
                on provisional.entity = final.entity
                and provisional.report = final.report
                and provisional.series = final.series
            where provisional.is_provisional and final.is_provisional is not true and final.status = 'loaded'
        )
    ) as versions
    where version_rank = 1
{% endmacro %}

{% macro current_reports(relation, entity, export) %}
    {%- set loads = loads_of(relation) %}
    {%- set coverage = api.Relation.create(database=relation.database, schema=relation.schema, identifier='coverage') %}
    {%- set never = "timestamp '-infinity'" %}
    select rows_of_files.*
    from {{ relation }} as rows_of_files
    where not exists (
        select 1
        from (
            select distinct
                days._load,
                days.day
            from (select distinct _load, {{ export.dated_by }} as day from {{ relation }}) as days
            inner join {{ loads }} as mine
                on days._load = mine.load
            inner join {{ loads }} as other
                on mine.entity = other.entity
                and mine.report = other.report
                and mine.series = other.series
                and other.status = 'loaded'
                and (coalesce(other.version_at, {{ never }}), other.load) > (coalesce(mine.version_at, {{ never }}), mine.load)
            inner join {{ coverage }} as spoken
                on other.load = spoken.load
                and days.day between spoken.first_day and spoken.last_day
        ) as restated
        where restated._load = rows_of_files._load and restated.day = rows_of_files.{{ export.dated_by }}
    )
{% endmacro %}

{% macro current_readings(relation, entity, export) %}
    select *
    from (
        select
            *,
            {{ version_rank(export) }}
        from (
            {{ current_reports(relation, entity, export) }}
        ) as newest_editions
    ) as versions
    where version_rank = 1
{% endmacro %}

{% macro current_snapshot(relation, entity, export) %}
    select *
    from (
        select
            *,
            {{ version_rank(export) }}
        from {{ relation }}
        where _load in (
            select load
            from (
                select
                    load,
                    row_number() over (partition by report order by version_at desc nulls last, load desc) as load_rank
                from {{ loads_of(relation) }}
                where entity = '{{ entity }}' and status = 'loaded'
            ) as loads
            where load_rank = 1
        )
    ) as versions
    where version_rank = 1
{% endmacro %}

{#- The ledger of what was loaded, beside the tables of raw. It is no export, and so no source of its own. -#}
{% macro loads_of(relation) -%}
    {{ return(api.Relation.create(database=relation.database, schema=relation.schema, identifier='loads')) }}
{%- endmacro %}
