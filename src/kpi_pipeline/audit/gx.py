"""Great Expectations on the warehouse: rules go in, findings come out.

An expectation that raised says nothing about the data, and is no pass: each of its subjects gets a finding of severity
``error``.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kpi_pipeline.audit.verdicts import Finding
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import first_line

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import SQLDatasource

    from expectations import Rule


@contextmanager
def open_datasource(settings: Settings) -> Iterator[SQLDatasource]:
    """Great Expectations on the warehouse, read-only; closed for good afterwards, so that the file is free again."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    datasource = context.data_sources.add_sql(
        "warehouse",
        connection_string=f"duckdb:///{settings.warehouse}",
        create_temp_table=False,
        # DuckDB has no transaction to roll back around a read: without these, rows are gone before they are fetched
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
            "connect_args": {"read_only": True},
        },
    )
    try:
        yield datasource
    finally:
        execution_engine = datasource.get_execution_engine()
        execution_engine.close()
        execution_engine.engine.dispose()
        datasource.get_engine().dispose()


def judge(datasource: SQLDatasource, batch: str, rules: Sequence[Rule]) -> list[Finding]:
    """What `rules` found of each subject that they speak of.

    Args:
        datasource: the warehouse.
        batch: the table that the rules ask, with its schema.
        rules: those of one kind of thing.
    """
    import great_expectations as gx

    asked = [rule for rule in rules if rule.claims]
    if not asked:
        return []
    schema, table = batch.split(".")
    try:
        asset = datasource.add_table_asset(batch, table_name=table, schema_name=schema)
        suite = gx.ExpectationSuite(batch, expectations=[rule.expectation for rule in asked])
        validated = asset.add_batch_definition_whole_table("everything").get_batch().validate(
            suite, result_format="COMPLETE"
        )  # fmt: skip
    except Exception as error:  # whatever Great Expectations raises is the audit's failure, and a finding
        return [finding for rule in asked for finding in _broken(rule, first_line(error))]
    # results come back in an order of their own
    results = {result.expectation_config.description: result for result in validated.results}
    return [finding for rule in asked for finding in _findings(rule, results[rule.name])]


def _findings(rule: Rule, result: Any) -> list[Finding]:
    raised = _exception(result.exception_info)
    if raised:
        return _broken(rule, raised)
    broken = {(subject, about): seen for subject, about, seen in _broken_claims(result.result)}
    if strangers := broken.keys() - rule.claims.keys():
        return _broken(rule, f"it speaks of {', '.join(sorted(subject for subject, _ in strangers))}")
    return [
        Finding(claim[0], _name(rule, claim), rule.severity, claim not in broken, broken.get(claim) or "", sentence)
        for claim, sentence in rule.claims.items()
    ]


def _broken_claims(result: Mapping[str, Any]) -> list[list[str]]:
    rows = result.get("details", {}).get("unexpected_rows") or []
    return [claim for row in rows for claim in json.loads(row["broken"])]


def _broken(rule: Rule, why: str) -> list[Finding]:
    """The rule could not be asked: that is said of every subject, and is no pass for any of them."""
    return [Finding(claim[0], _name(rule, claim), "error", False, "not carried out", why) for claim in rule.claims]


def _name(rule: Rule, claim: tuple[str, str]) -> str:
    return f"{rule.name} ({claim[1]})" if claim[1] else rule.name


def _exception(info: Mapping[str, Any] | None) -> str:
    """The message of what an expectation raised; empty where it was carried out."""
    if not info:
        return ""
    if "raised_exception" in info:
        return _message(info["exception_message"]) if info["raised_exception"] else ""
    return "; ".join(sorted({_message(metric["exception_message"]) for metric in info.values()}))


def _message(text: str | None) -> str:
    return first_line(text)[:500] if text and text.strip() else "it raised"
