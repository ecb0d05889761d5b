"""Audit: Great Expectations judges every export, entity and KPI; a verdict per KPI says whether it may be published.

A KPI passes when its own rows pass, and everything that it is made of does. An audit that raised is a failure of its
own name: it says nothing about the data, and it is no pass.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.warehouse.connection import connect, insert, locked, rows

if TYPE_CHECKING:
    import great_expectations.expectations as gxe
    from great_expectations.datasource.fluent import SQLDatasource

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """What one expectation found about one subject."""

    subject: str
    """``export:orders``, ``entity:sessions`` or ``kpi:page_views``"""
    expectation: str
    severity: str
    """critical, warning, or error: the audit itself broke"""
    success: bool
    observed: str
    details: str

    @property
    def holds_back(self) -> bool:
        """Whether the subject must not be published."""
        return not self.success and self.severity != "warning"

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""
        if self.severity == "error":
            return f"its audit could not be carried out ({self.expectation}): {self.details}"
        return f"not true that {self.details}: {self.observed}"


@dataclass(frozen=True)
class Verdict:
    """Whether a KPI may be published."""

    kpi: str
    verdict: str
    """published (it may be), held, or no_data"""
    reason: str


def audit(settings: Settings, run: str | None = None) -> list[Verdict]:
    """Judge what the last build computed and write down every finding.

    Args:
        settings: the company's settings.
        run: the run that must have built it; any, where none is given.

    Returns:
        A verdict per KPI that was built.

    Raises:
        PipelineError: there is no build to judge, or it is another run's.
    """
    kpis = {kpi.name: kpi for kpi in read_registry(settings.kpi_models)}
    lineage = read_lineage(settings.dbt_target)
    with locked(settings):
        with connect(settings, read_only=True) as connection:
            as_of = _as_of(connection)
            check_run(connection, "settings.run", run)
            builds = {row["kpi"]: row for row in rows(connection, "select * from audit.builds order by kpi")}
            refused = _refused(connection)
        built = [kpis[name] for name in builds if name in kpis and builds[name]["status"] == "built"]
        findings = _judge(settings, lineage, built, as_of)
        verdicts = [_verdict(builds[name], lineage, findings, refused) for name in builds if name in kpis]
        verdicts = _hold_dependants(verdicts, lineage)
        with connect(settings) as connection:
            _record(connection, findings, verdicts)
    for verdict in verdicts:
        if verdict.verdict == "held":
            log.warning("%s is held: %s", verdict.kpi, verdict.reason)
    log.info("%s expectations checked, %s KPIs held", len(findings), sum(v.verdict == "held" for v in verdicts))
    return verdicts


def _as_of(connection: Any) -> dt.date:
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'audit' and table_name = 'builds'"
    ).fetchone()
    if not found[0]:
        raise PipelineError("Nothing has been built yet. Run `kpi build` first, or `kpi run` for the whole night.")
    row = connection.execute("select as_of from settings.run").fetchone()
    day: dt.date = row[0]
    return day


def check_run(connection: Any, table: str, run: str | None) -> None:
    """Refuse to go on with what another run has built since.

    Raises:
        PipelineError: `table` (settings.run, wherever it is attached) names another run than `run`.
    """
    built_by = connection.execute(f"select run from {table}").fetchone()[0]
    if run is not None and built_by != run:
        raise PipelineError(f"Run {built_by} has built since run {run} did. Start run {run} again from its build.")


def _refused(connection: Any) -> dict[str, str]:
    """Exports that cannot be trusted tonight, and why."""
    found = rows(connection, "select entity, reason from raw.export_status where verdict = 'refused'")
    return {row["entity"]: row["reason"] for row in found}


def _judge(settings: Settings, lineage: Lineage, built: Sequence[Kpi], as_of: dt.date) -> list[Finding]:
    from expectations import expect_of_entity, expect_of_export, expect_of_files, expect_of_kpi

    findings: list[Finding] = []
    with _datasource(settings) as datasource:
        entities = read_entities(settings.dbt_project, settings.layout_folders)
        for entity in entities:
            suite = expect_of_export(entity, settings, as_of)
            findings += _validate(datasource, f"export:{entity.name}", "raw", entity.name, suite)
        files = [each for entity in entities for each in expect_of_files(entity)]
        findings += _validate(datasource, "export:loads", "raw", "loads", files, "COMPLETE")
        for model in lineage.entities:
            suite = expect_of_entity(model.key, model.dated_by, as_of)
            findings += _validate(datasource, f"entity:{model.name}", "entities", model.name, suite)
        for kpi in built:
            suite = expect_of_kpi(kpi, settings)
            findings += _validate(datasource, f"kpi:{kpi.name}", "candidate", kpi.name, suite)
    return findings


@contextmanager
def _datasource(settings: Settings) -> Iterator[SQLDatasource]:
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


def _validate(
    datasource: SQLDatasource,
    subject: str,
    schema: str,
    table: str,
    suite: Sequence[gxe.Expectation],
    result_format: Literal["BASIC", "COMPLETE"] = "BASIC",
) -> list[Finding]:
    import great_expectations as gx

    if not suite:
        return []
    try:
        asset = datasource.add_table_asset(f"{subject} in {table}", table_name=table, schema_name=schema)
        batch = asset.add_batch_definition_whole_table("everything").get_batch()
        validated = batch.validate(gx.ExpectationSuite(subject, expectations=list(suite)), result_format=result_format)
    except Exception as error:  # whatever Great Expectations raises is the audit's failure, and a finding
        return [Finding(subject, "suite", "error", False, "not carried out", _first_line(str(error)))]
    return [_finding(subject, result) for result in validated.results]


def _finding(subject: str, result: Any) -> Finding:
    config = result.expectation_config
    subject = (config.meta or {}).get("subject", subject)
    columns = config.kwargs.get("column") or config.kwargs.get("column_list") or ""
    name = f"{config.type}({columns if isinstance(columns, str) else ', '.join(columns)})"
    if config.type == "unexpected_rows_expectation":
        name = f"{config.type}({config.description})"
    raised = _exception(result.exception_info)
    if raised:
        return Finding(subject, name, "error", False, "not carried out", raised)
    return Finding(
        subject, name, config.severity.value, bool(result.success), _observed(result.result), config.description or ""
    )


def _exception(info: Mapping[str, Any] | None) -> str:
    """The message of what an expectation raised; empty where it was carried out."""
    if not info:
        return ""
    if "raised_exception" in info:
        return _first_line(info["exception_message"] or "it raised") if info["raised_exception"] else ""
    return "; ".join(sorted({_first_line(metric["exception_message"]) for metric in info.values()}))


def _observed(result: Mapping[str, Any]) -> str:
    if "unexpected_count" in result:
        examples = [str(value) for value in result.get("partial_unexpected_list", [])[:3]]
        shown = f", such as {', '.join(examples)}" if examples else ""
        return f"{result['unexpected_count']} of {result['element_count']} rows{shown}"
    value = result.get("observed_value")
    if unexpected := result.get("details", {}).get("unexpected_rows"):
        return "; ".join(": ".join(str(field) for field in row.values()) for row in unexpected[:3])
    return json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:500] if text.strip() else "it raised"


def _verdict(
    build: Mapping[str, Any], lineage: Lineage, findings: Sequence[Finding], refused: Mapping[str, str]
) -> Verdict:
    name = build["kpi"]
    upstream = lineage.upstream[name]
    reasons = [
        f"the export {entity} was refused: {refused[entity]}" for entity in sorted(upstream.exports & set(refused))
    ]
    for kind, names in (("export", upstream.exports), ("entity", upstream.models), ("kpi", {name})):
        subjects = {f"{kind}:{each}" for each in names}
        for finding in findings:
            if finding.subject in subjects and finding.holds_back:
                where = "" if kind == "kpi" else f"{finding.subject.replace(':', ' ')}: "
                reasons.append(f"{where}{finding.sentence}")
    if build["status"] == "failed":
        reasons.append(build["reason"])
    if reasons:
        return Verdict(name, "held", "; ".join(reasons))
    if build["status"] == "no_data":
        return Verdict(name, "no_data", build["reason"])
    return Verdict(name, "published", "")


def _hold_dependants(verdicts: Sequence[Verdict], lineage: Lineage) -> list[Verdict]:
    """A KPI that is computed from a held one is held with it, unless it has a reason of its own."""
    held = {verdict.kpi for verdict in verdicts if verdict.verdict == "held"}
    result = []
    for verdict in verdicts:
        parents = sorted(lineage.upstream[verdict.kpi].models & held)
        if parents and verdict.verdict != "held":
            verdict = Verdict(verdict.kpi, "held", f"it is computed from {', '.join(parents)}, which is held")
        result.append(verdict)
    return result


def _record(connection: Any, findings: Sequence[Finding], verdicts: Sequence[Verdict]) -> None:
    connection.execute(
        """
        create or replace table audit.findings (
            subject text, expectation text, severity text, success boolean, observed text, details text
        );
        create or replace table audit.verdicts (kpi text, verdict text, reason text)
        """
    )
    insert(
        connection,
        "audit.findings",
        [(f.subject, f.expectation, f.severity, f.success, f.observed, f.details) for f in findings],
    )
    insert(connection, "audit.verdicts", [(v.kpi, v.verdict, v.reason) for v in verdicts])
