{#- Schemas are called what dbt_project.yml says, with no target in front: one warehouse, one company. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
