{#- The business day (KPI_TIMEZONE) of a UTC timestamp. -#}
{% macro business_day(moment) -%}
    {{ return(adapter.dispatch('business_day')(moment)) }}
{%- endmacro %}

{% macro default__business_day(moment) -%}
    cast(from_utc_timestamp({{ moment }}, '{{ env_var("KPI_TIMEZONE", "UTC") }}') as date)
{%- endmacro %}

{% macro duckdb__business_day(moment) -%}
    cast(timezone('{{ env_var("KPI_TIMEZONE", "UTC") }}', timezone('UTC', {{ moment }})) as date)
{%- endmacro %}
