{#-
    `rows` of an export (a relation or a query in parentheses), the names in them spelled as most rows of all exports spell
    them. Which columns hold names, and of which kind, the source declares; the build has counted the spellings.

    also: columns of `rows` to keep that are none of the export.

    Only after versions are told apart: two spellings of a name may be two keys.
-#}
{% macro spelled(system, entity, rows, also=[]) %}
    {%- set names = [] -%}
    {%- if execute and graph -%}
        {%- set columns = graph.sources['source.kpi_pipeline.' ~ system ~ '.' ~ entity].columns.values() -%}
        {%- for column in columns if column.config.meta.names -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if names %}
    select
        {%- for column in columns %}
        {%- if column.name in names %}
        coalesce(spellings_of_{{ column.name }}.shown, written.{{ column.name }}) as {{ column.name }}
        {%- else %}
        written.{{ column.name }}
        {%- endif %}
        {%- if not loop.last or also %},{% endif %}
        {%- endfor %}
        {%- for column in also %}
        written.{{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ rows }} as written
        {%- for column in columns if column.name in names %}
    left join {{ source('settings', 'spellings') }} as spellings_of_{{ column.name }}
        on written.{{ column.name }} = spellings_of_{{ column.name }}.written
        and spellings_of_{{ column.name }}.kind = '{{ column.config.meta.names }}'
        {%- endfor %}
    {%- else %}
    {#- named for dbt's parser, which sees no meta yet #}
    {%- set spellings = source('settings', 'spellings') %}
    select * from {{ rows }} as written
    {%- endif %}
{% endmacro %}
