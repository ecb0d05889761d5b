"""Audit: Great Expectations judges every export, entity and KPI; a verdict per KPI says whether it may be published.

A KPI passes when its own rows pass, and everything that it is made of does. An audit that raised is a failure of its
own name: it says nothing about the data, and it is no pass.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import duckdb

from kpi_pipeline.audit.gx import judge, open_datasource
from kpi_pipeline.audit.verdicts import Finding, Verdict, verdicts_of
from kpi_pipeline.contracts.export import Entity, read_entities
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import EntityModel, Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import connect, locked, rows
from kpi_pipeline.warehouse.run import Run, read_run
from kpi_pipeline.warehouse.schema import create_tables, insert_rows

log = logging.getLogger(__name__)


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
        with connect(settings) as connection:
            built_by = read_run(connection, run)
            exports = read_entities(settings.dbt_project, settings.layout_folders)
            builds = [row for row in rows(connection, "select * from audit.builds order by kpi") if row["kpi"] in kpis]
            refused = _refused(connection)
            unread = _unread(connection)
            entities, missing = _entities_there(connection, lineage.entities)
            _write_subjects(connection, exports, entities)
        built = [kpis[build["kpi"]] for build in builds if build["status"] == "built"]
        ended = {kpi.name for kpi in kpis.values() if kpi.has_ended(built_by.as_of)}
        awaited = _awaited(exports, lineage, kpis, ended)
        findings = [*missing, *unread, *_judge(settings, awaited, entities, built, built_by)]
        verdicts = verdicts_of(builds, lineage, findings, refused, ended)
        with connect(settings) as connection:
            record_audit(connection, findings, verdicts)
    for verdict in verdicts:
        if verdict.verdict == "held":
            log.warning("%s is held: %s", verdict.kpi, verdict.reason)
    log.info("%s claims checked, %s KPIs held", f"{len(findings):,}", sum(v.verdict == "held" for v in verdicts))
    return verdicts


def _refused(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Exports that cannot be trusted tonight, and why."""
    return dict(connection.execute("select entity, reason from raw.export_status where verdict = 'refused'").fetchall())


def _unread(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """A warning for each file that nobody reads: what it holds is in no number."""
    create_tables(connection, "raw.left_alone")
    found = connection.execute("select file, reason from raw.left_alone order by file").fetchall()
    return [
        Finding(f"file:{file}", "a layout reads it", "warning", False, why, "a layout reads it") for file, why in found
    ]


def _entities_there(
    connection: duckdb.DuckDBPyConnection, declared: Sequence[EntityModel]
) -> tuple[list[EntityModel], list[Finding]]:
    """The entities that can be judged; and of each whose table or column is missing, that it cannot.

    One rule asks all entities at once, and must not break for all of them because one was not built.
    """
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'entities'"
    ).fetchall():
        columns.setdefault(table, set()).add(column)
    there, findings = [], []
    for entity in declared:
        needed = {*entity.key, *([entity.dated_by] if entity.dated_by else [])}
        lacking = sorted(needed - columns.get(entity.name, set()))
        if entity.name not in columns:
            why = f"there is no table entities.{entity.name}"
        elif lacking:
            why = f"entities.{entity.name} has no column {', '.join(lacking)}"
        else:
            there.append(entity)
            continue
        findings.append(Finding(f"entity:{entity.name}", "it is there", "error", False, "not carried out", why))
    return there, findings


def _write_subjects(
    connection: duckdb.DuckDBPyConnection, exports: Sequence[Entity], entities: Sequence[EntityModel]
) -> None:
    """Write down what is judged: the batches that the rules of exports and entities are asked of."""
    create_tables(connection, "audit.exports", "audit.entities", anew=True)
    insert_rows(connection, "audit.exports", [{"entity": export.name} for export in exports])
    insert_rows(connection, "audit.entities", [{"entity": entity.name} for entity in entities])


def _awaited(
    exports: Sequence[Entity], lineage: Lineage, kpis: Collection[str], ended: Collection[str]
) -> list[Entity]:
    """The exports; none is late any more that only KPIs read whose last day is over."""

    def is_awaited(export: Entity) -> bool:
        readers = {name for name in kpis if name in lineage.upstream and export.name in lineage.upstream[name].exports}
        return not readers or not readers <= set(ended)

    return [export if is_awaited(export) else export.model_copy(update={"late_after_days": None}) for export in exports]


def _judge(
    settings: Settings, exports: Sequence[Entity], entities: Sequence[EntityModel], kpis: Sequence[Kpi], run: Run
) -> list[Finding]:
    from expectations import rules_for_entities, rules_for_exports, rules_for_kpis

    with open_datasource(settings) as datasource:
        return [
            *judge(datasource, "audit.exports", rules_for_exports(exports, settings, run.as_of)),
            *judge(datasource, "audit.entities", rules_for_entities(entities, run.as_of)),
            *judge(datasource, "candidate.kpi_values", rules_for_kpis(kpis, settings)),
        ]


def record_audit(
    connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding], verdicts: Sequence[Verdict]
) -> None:
    """Write ``audit.findings`` and ``audit.verdicts``: what publish goes by."""
    create_tables(connection, "audit.findings", "audit.verdicts", anew=True)
    insert_rows(connection, "audit.findings", findings)
    insert_rows(connection, "audit.verdicts", verdicts)
