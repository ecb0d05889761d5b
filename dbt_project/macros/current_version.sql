{#-
    The rows of an export as they stand now: raw keeps every version of a key, this picks one, by the load mode that
    the source declares. append: the first of a key stays. merge: the newest of a key wins. snapshot: the newest file
    is the whole entity. Newest means by the layout's updated_at, else by the file's date, else by load order.
-#}
{% macro current_version(system, entity) %}
    {%- set relation = source(system, entity) -%}
    {%- if execute and graph -%}
        {%- set export = graph.sources['source.kpi_pipeline.' ~ system ~ '.' ~ entity].config.meta.export -%}
        {%- set newest = '_version_at desc nulls last, _load desc, _row desc' -%}
        {%- set order = '_version_at asc nulls last, _load, _row' if export.load == 'append' else newest -%}
    select *
    from (
        select
            *,
            row_number() over (partition by {{ export.key | join(', ') }} order by {{ order }}) as version_rank
        from {{ relation }}
        {%- if export.load == 'snapshot' %}
        where _load = (select _load from {{ relation }} order by _version_at desc nulls last, _load desc limit 1)
        {%- endif %}
    ) as versions
    where version_rank = 1
    {%- else -%}
    select * from {{ relation }}
    {%- endif -%}
{% endmacro %}
