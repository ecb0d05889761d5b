"""The tables of a release, from what was built and judged, and from the release before.

The connection is on the release, the warehouse is attached as ``warehouse``, the release before as ``before``. What is
made on the way is temporary: ``verdicts``, and ``new_<table>`` with the rows of tonight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.lineage import read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.tables import TABLES, columns_of, create_table
from kpi_pipeline.contracts.target import Target, read_targets
from kpi_pipeline.release.revisions import write_revisions
from kpi_pipeline.release.scorecard import write_scorecard
from kpi_pipeline.release.tables import fill
from kpi_pipeline.warehouse.connection import literal, rows
from kpi_pipeline.warehouse.run import Run


def write_tables(
    connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi], run: Run, release: str
) -> dict[str, str]:
    """Write every table of the release called `release`.

    Returns:
        What is held back: KPIs and refused exports (``export:orders``), each with the reason.
    """
    verdicts = _decide_verdicts(connection, run)
    fresh = [kpi for kpi in kpis if verdicts.get(kpi.name) == "published"]
    _write_catalog(connection, settings, kpis)
    _write_values(connection)
    _write_targets(
        connection,
        [
            target
            for target in read_targets(settings.kpi_models, kpis)
            if verdicts.get(target.kpi) in ("published", "no_data")
        ],
    )
    write_scorecard(connection, settings, fresh)
    for table in ("kpi_catalog", "kpi_values", "kpi_scorecard", "kpi_targets"):
        _keep_held_rows(connection, table)
    write_revisions(connection, fresh, release)
    _write_runs(connection, settings, run)
    _write_audits(connection, settings, run)
    fill(connection, "calendar", "select * from warehouse.settings.calendar", "date_day")
    return _held(connection)


def _decide_verdicts(connection: duckdb.DuckDBPyConnection, run: Run) -> dict[str, str]:
    """Write ``verdicts``: those of the audit; and a KPI that had values and now has none is held, not emptied."""
    connection.execute("create temp table verdicts as select * from warehouse.audit.verdicts")
    connection.execute(
        """
        update verdicts set verdict = 'held', reason = 'it had values before, and its inputs have no rows now'
        where verdict = 'no_data'
            and kpi in (select kpi from before.kpi_values group by kpi having max(as_of) <= ?)
        """,
        [run.as_of],
    )
    return dict(connection.execute("select kpi, verdict from verdicts").fetchall())


def _write_catalog(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    lineage = read_lineage(settings.dbt_target)
    connection.execute(create_table("temp.new_kpi_catalog", "kpi_catalog"))
    for kpi in kpis:
        record = {
            "kpi": kpi.name,
            "domain": kpi.domain,
            "title_en": kpi.title.en,
            "title_fa": kpi.title.fa,
            "description_en": kpi.description,
            "currency": settings.currency if kpi.unit == "currency" else None,
            "objective": kpi.objective_title.en,
            "sets": ", ".join(kpi.sets),
            "dimensions": ", ".join(kpi.dimensions),
            "inputs": ", ".join(sorted(lineage.upstream[kpi.name].exports)) if kpi.name in lineage.upstream else "",
            "owner_en": kpi.owner_title.en,
            "owner_fa": kpi.owner_title.fa,
            "objective_fa": kpi.objective_title.fa,
            "domain_en": kpi.domain_title.en,
            "domain_fa": kpi.domain_title.fa,
        }
        values = [record[column] if column in record else getattr(kpi, column) for column in TABLES["kpi_catalog"]]
        connection.execute(f"insert into temp.new_kpi_catalog values ({', '.join('?' * len(values))})", values)


def _write_values(connection: duckdb.DuckDBPyConnection) -> None:
    columns = columns_of("kpi_values")
    connection.execute(create_table("temp.new_kpi_values", "kpi_values"))
    connection.execute(
        f"insert into temp.new_kpi_values select {columns} from warehouse.candidate.kpi_values "
        "where kpi in (select kpi from verdicts where verdict = 'published')"
    )


def _write_targets(connection: duckdb.DuckDBPyConnection, targets: Iterable[Target]) -> None:
    connection.execute(create_table("temp.new_kpi_targets", "kpi_targets"))
    columns = TABLES["kpi_targets"]
    records = [[getattr(target, column) for column in columns] for target in targets]
    if records:
        connection.executemany(f"insert into temp.new_kpi_targets values ({', '.join('?' * len(columns))})", records)


def _keep_held_rows(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Write `table`: the new rows, and the old ones of what is held, marked stale where the table has such a mark."""
    connection.execute(
        f"""
        create or replace temp table kept as
        select distinct kpi from before.{table} where kpi in (select kpi from verdicts where verdict = 'held')
        """
    )
    marked = ", ".join("true as is_stale" if column == "is_stale" else column for column in TABLES[table])
    fill(
        connection,
        table,
        f"""
        select {columns_of(table)} from new_{table} where kpi not in (select kpi from kept)
        union all
        select {marked} from before.{table} where kpi in (select kpi from kept)
        """,
    )


def _write_runs(connection: duckdb.DuckDBPyConnection, settings: Settings, run: Run) -> None:
    """One row per KPI of this run; a night that is run again replaces its own rows."""
    fill(
        connection,
        "kpi_runs",
        f"""
        with earlier_runs as (select * from before.kpi_runs where as_of <> date '{run.as_of}'),
        last_night as (
            select * from earlier_runs where as_of < date '{run.as_of}'
            qualify row_number() over (partition by kpi order by as_of desc) = 1
        ),
        tonight as (
            select
                {literal(run.name)} as run, date '{run.as_of}' as as_of, verdicts.kpi, verdicts.verdict,
                verdicts.reason,
                case when last_night.verdict = verdicts.verdict then last_night.since
                    else date '{run.as_of}' end as since,
                builds.data_through, builds.row_count, builds.suppressed_count
            from verdicts
            inner join warehouse.audit.builds as builds on verdicts.kpi = builds.kpi
            left join last_night on verdicts.kpi = last_night.kpi
        )
        select * from (select * from tonight union all by name select * from earlier_runs)
        qualify dense_rank() over (order by as_of desc) <= {settings.keep_nights}
        """,
        order="as_of, kpi",
    )


def _write_audits(connection: duckdb.DuckDBPyConnection, settings: Settings, run: Run) -> None:
    """The findings of this run, and of as many nights before it as there are releases."""
    fill(
        connection,
        "kpi_audits",
        f"""
        select {literal(run.name)} as run, * from warehouse.audit.findings
        union all by name
        select * from before.kpi_audits
        where run in (
            select run from before.kpi_runs where as_of <> date '{run.as_of}'
            qualify dense_rank() over (order by as_of desc) < {settings.keep_releases}
        )
        """,
    )


def _held(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = rows(
        connection,
        """
        select 'export:' || entity as name, reason from warehouse.raw.export_status where verdict = 'refused'
        union all
        select kpi as name, reason from verdicts where verdict = 'held'
        order by name
        """,
    )
    return {row["name"]: row["reason"] for row in found}
