"""The tables of a release: what BI tools rely on. Change them on purpose only, with a line in CHANGELOG.md."""

from __future__ import annotations

TABLES: dict[str, dict[str, str]] = {
    "kpi_catalog": {
        "kpi": "text", "domain": "text", "title_en": "text", "title_fa": "text", "description_en": "text",
        "description_fa": "text", "formula": "text", "why": "text", "unit": "text", "currency": "text",
        "good": "text", "kind": "text", "cadence": "text", "owner": "text", "objective": "text",
        "success_factor": "text", "level": "text", "sets": "text", "dimensions": "text", "version": "integer",
        "review_by": "date", "inputs": "text", "owner_en": "text", "owner_fa": "text", "objective_fa": "text",
        "domain_en": "text", "domain_fa": "text", "retired_on": "date", "successor": "text",
    },
    "kpi_values": {
        "kpi": "text", "period_grain": "text", "period_start": "date", "period_end": "date", "is_complete": "boolean",
        "dimension": "text", "member": "text", "numerator": "double", "denominator": "double", "kpi_value": "double",
        "definition_version": "integer", "as_of": "date", "is_stale": "boolean",
    },
    "kpi_scorecard": {
        "kpi": "text", "period_grain": "text", "period_start": "date", "period_end": "date", "is_complete": "boolean",
        "kpi_value": "double", "previous_value": "double", "change": "double", "year_ago_value": "double",
        "year_ago_change": "double", "target": "double", "attainment": "double", "status": "text",
        "status_reason": "text", "streak": "bigint", "definition_version": "integer", "as_of": "date",
        "is_stale": "boolean",
    },
    "kpi_targets": {
        "kpi": "text", "dimension": "text", "member": "text", "period_grain": "text", "valid_from": "date",
        "valid_to": "date", "baseline": "double", "target": "double", "benchmark": "double", "at_risk_at": "double",
        "off_track_at": "double",
    },
    "kpi_revisions": {
        "kpi": "text", "period_grain": "text", "period_start": "date", "dimension": "text", "member": "text",
        "old_value": "double", "new_value": "double", "changed_in_release": "text", "cause": "text",
    },
    "kpi_runs": {
        "run": "text", "as_of": "date", "kpi": "text", "verdict": "text", "reason": "text", "since": "date",
        "data_through": "date", "row_count": "bigint", "suppressed_count": "bigint",
    },
    "kpi_audits": {
        "run": "text", "subject": "text", "expectation": "text", "severity": "text", "success": "boolean",
        "observed": "text", "details": "text",
    },
    "calendar": {
        "date_day": "date", "year": "integer", "quarter": "integer", "month": "integer", "month_name_en": "text",
        "month_name_fa": "text", "week_start": "date", "month_start": "date", "quarter_start": "date",
        "year_start": "date", "jalali_year": "integer", "jalali_quarter": "integer", "jalali_month": "integer",
        "jalali_day": "integer", "jalali_month_name_en": "text", "jalali_month_name_fa": "text",
        "jalali_month_start": "date", "jalali_quarter_start": "date", "jalali_year_start": "date",
    },
}  # fmt: skip
"""Table: its columns, in order, with their DuckDB types. Lists (sets, dimensions, inputs) are text, comma-separated."""


def columns_of(table: str) -> str:
    """The columns of `table` as SQL writes them, in order."""
    return ", ".join(TABLES[table])


def create_table(name: str, table: str) -> str:
    """SQL that creates `name` (temporary where it begins with ``temp.``) with the columns of `table`."""
    columns = ", ".join(f"{column} {kind}" for column, kind in TABLES[table].items())
    temporary = "temp" if name.startswith("temp.") else ""
    return f"create or replace {temporary} table {name} ({columns})"
