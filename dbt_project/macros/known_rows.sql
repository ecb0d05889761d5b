{#-
    The rows of an export that are known at as_of, as `current_version` has them: those dated later, by the column that
    the source declares, wait. A row without a day does not wait. Names are spelled in one way, as `spelled` has it.

    Beside its columns each row has as_of itself, for what else of it has not happened yet.
-#}
{% macro known_rows(system, entity) %}
    {%- set run = source('settings', 'run') %}
    select
        *,
        (select as_of from {{ run }}) as as_of
    from (
        {{ spelled(system, entity, '(' ~ current_version(system, entity) ~ ')') }}
    ) as current_rows
    {%- if execute and graph %}
        {%- set declared = graph.sources['source.kpi_pipeline.' ~ system ~ '.' ~ entity] %}
        {%- set dated_by = declared.columns.get(declared.config.meta.export.dated_by) %}
        {%- if not dated_by %}
            {{- exceptions.raise_compiler_error(
                entity ~ ' of ' ~ system ~ ' declares no column in dated_by, so nothing of it waits; read it with '
                ~ 'current_version.'
            ) -}}
        {%- endif %}
        {%- set day = business_day(dated_by.name) if dated_by.data_type == 'timestamp' else dated_by.name %}
    where
        {{ day }} <= (select as_of from {{ run }})
        {%- if not dated_by.config.meta.required %}
        or {{ dated_by.name }} is null
        {%- endif %}
    {%- endif %}
{% endmacro %}
