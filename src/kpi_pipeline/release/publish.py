"""Publish: what passed replaces, what failed keeps its last good rows and says so.

A release is written to a folder of its own and only then becomes ``current``. Nothing of an older release is changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline import __version__
from kpi_pipeline.contracts.kpi import Kpi, read_registry
from kpi_pipeline.contracts.lineage import read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.tables import TABLES, columns_of, create_table
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import PipelineError
from kpi_pipeline.release.scorecard import write_scorecard, write_targets
from kpi_pipeline.release.store import (
    UNFINISHED,
    Release,
    current_release,
    point_current_at,
    remove_old_releases,
    remove_unfinished,
    sync_folder,
)
from kpi_pipeline.warehouse.connection import literal, locked, options, rows
from kpi_pipeline.warehouse.run import Run, read_run

log = logging.getLogger(__name__)

REVISION_TOLERANCE = 1e-9
"""Relative difference from which a past value counts as changed."""


def publish(settings: Settings, run: str | None = None) -> Release:
    """Publish what the last audit let pass, as a new release.

    Args:
        settings: the company's settings.
        run: the run that must have built it; any, where none is given.

    Returns:
        The new release, with what is held and why.

    Raises:
        PipelineError: there is no audited, whole build to publish, or it is another run's.
    """
    if not settings.warehouse.exists():
        raise PipelineError(f"There is no warehouse at {settings.warehouse}. Run `kpi run` first.")
    with locked(settings):
        folder = settings.published / "releases"
        folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(settings)
        previous = current_release(settings)
        kpis = read_registry(settings.kpi_models)
        now = dt.datetime.now(dt.UTC)
        work = folder / f"{UNFINISHED}{now:%Y%m%dT%H%M%S%f}"
        work.mkdir()
        connection = duckdb.connect(str(work / "kpi.duckdb"), config=options(settings))
        try:
            connection.execute("set enable_progress_bar = false")
            connection.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
            if previous:
                database = previous.path / "kpi.duckdb"
                connection.execute(f"attach {literal(str(database))} as previous (read_only)")
            built = _audited_run(connection, run)
            built_run, as_of = built.name, built.as_of
            name = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z_{as_of}"
            _write_tables(connection, settings, kpis, built_run, as_of, name, has_previous=previous is not None)
            held = _held(connection)
            counts = _export_files(connection, work)
        finally:
            connection.close()
        _write_manifest(work, name, built_run, as_of, now, counts, held)
        work.rename(folder / name)
        sync_folder(folder)
        point_current_at(settings, name)
        for old in remove_old_releases(settings):
            log.info("release %s removed, KPI_KEEP_RELEASES is %s", old, settings.keep_releases)
    release = current_release(settings)
    assert release is not None
    log.info("release %s published, %s held", release.name, len(release.held))
    return release


def held(settings: Settings) -> dict[str, str]:
    """What the current release holds back: KPIs and refused exports (``export:orders``), each with the reason."""
    release = current_release(settings)
    return release.held if release else {}


def _audited_run(connection: duckdb.DuckDBPyConnection, expected: str | None) -> Run:
    run = read_run(connection, expected, "warehouse")
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'warehouse' and schema_name = 'audit' "
        "and table_name = 'verdicts'"
    ).fetchone()
    if not found or not found[0]:
        raise PipelineError("The last build has not been audited. Run `kpi audit` first, or `kpi run`.")
    if run.is_partial:
        raise PipelineError(
            "The last build was a partial one (--select): publishing it would drop all other KPIs. Run `kpi build`."
        )
    return run


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    kpis: Sequence[Kpi],
    run: str,
    as_of: dt.date,
    release: str,
    *,
    has_previous: bool,
) -> None:
    _decide_verdicts(connection, as_of, has_previous=has_previous)
    verdicts = dict(connection.execute("select kpi, verdict from verdicts").fetchall())
    fresh = [kpi for kpi in kpis if verdicts.get(kpi.name) == "published"]
    _write_catalog(connection, settings, kpis)
    connection.execute(create_table("temp.new_values", "kpi_values"))
    connection.execute(
        "insert into temp.new_values select * from warehouse.candidate.kpi_values "
        "where kpi in (select kpi from verdicts where verdict = 'published')"
    )
    targets = read_targets(settings.kpi_models, kpis)
    write_targets(connection, [target for target in targets if verdicts.get(target.kpi) in ("published", "no_data")])
    write_scorecard(connection, settings, fresh)
    for table, new in (
        ("kpi_catalog", "new_catalog"),
        ("kpi_values", "new_values"),
        ("kpi_scorecard", "new_scorecard"),
        ("kpi_targets", "new_targets"),
    ):
        _keep_held_rows(connection, table, new, has_previous=has_previous)
    _write_revisions(connection, fresh, release, has_previous=has_previous)
    _write_runs(connection, settings, run, as_of, has_previous=has_previous)
    _write_audits(connection, settings, run, has_previous=has_previous)
    _insert(connection, "calendar", "select * from warehouse.settings.calendar", "date_day")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, select: str, order: str = "") -> None:
    """Fill `table` from a query with its columns by name; rows stand in the order of all columns unless told."""
    connection.execute(create_table(table, table))
    columns = columns_of(table)
    connection.execute(f"insert into {table} select {columns} from ({select}) order by {order or columns}")


def _decide_verdicts(connection: duckdb.DuckDBPyConnection, as_of: dt.date, *, has_previous: bool) -> None:
    """The audit's verdicts; and a KPI that had values and now has none is held, not emptied."""
    connection.execute("create temp table verdicts as select * from warehouse.audit.verdicts")
    if has_previous:
        connection.execute(
            """
            update verdicts set verdict = 'held', reason = 'it had values before, and its inputs have no rows now'
            where verdict = 'no_data'
                and kpi in (select kpi from previous.main.kpi_values group by kpi having max(as_of) <= ?)
            """,
            [as_of],
        )


def _write_catalog(connection: duckdb.DuckDBPyConnection, settings: Settings, kpis: Sequence[Kpi]) -> None:
    lineage = read_lineage(settings.dbt_target)
    connection.execute(create_table("temp.new_catalog", "kpi_catalog"))
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
        }
        values = [record[column] if column in record else getattr(kpi, column) for column in TABLES["kpi_catalog"]]
        connection.execute(f"insert into temp.new_catalog values ({', '.join('?' * len(values))})", values)


def _keep_held_rows(connection: duckdb.DuckDBPyConnection, table: str, new: str, *, has_previous: bool) -> None:
    """Write `table`: the new rows, and the old ones of what is held, marked stale where the table has such a mark."""
    selected = columns_of(table)
    connection.execute("create or replace temp table kept (kpi text)")
    sources = [f"select {selected} from {new} where kpi not in (select kpi from kept)"]
    if has_previous:
        connection.execute(
            f"""
            insert into kept select distinct kpi from previous.main.{table}
            where kpi in (select kpi from verdicts where verdict = 'held')
            """
        )
        marked = ", ".join("true as is_stale" if column == "is_stale" else column for column in TABLES[table])
        sources.append(f"select {marked} from previous.main.{table} where kpi in (select kpi from kept)")
    _insert(connection, table, " union all ".join(sources))


def _write_revisions(
    connection: duckdb.DuckDBPyConnection, fresh: Sequence[Kpi], release: str, *, has_previous: bool
) -> None:
    """What changed in complete past periods since the release before, after what is known already.

    A period that had no total before is late data, not a changed number. A member that was re-ranked into or out of
    `other`, and one that left the window of daily members, did not change either.
    """
    if not has_previous:
        connection.execute(create_table("kpi_revisions", "kpi_revisions"))
        return
    kinds = ", ".join(f"({literal(kpi.name)}, {kpi.of_kind.matures})" for kpi in fresh) or "(null, false)"
    columns = columns_of("kpi_revisions")
    _insert(
        connection,
        "kpi_revisions",
        f"""
        with kinds (kpi, matures) as (values {kinds}),
        old_rows as (
            select * from previous.main.kpi_values where is_complete and kpi in (select kpi from kinds)
        ),
        new_rows as (
            select kpi_values.* from kpi_values
            inner join old_rows as total
                on kpi_values.kpi = total.kpi and kpi_values.period_grain = total.period_grain
                and kpi_values.period_start = total.period_start and total.dimension = 'all'
            where kpi_values.is_complete and kpi_values.kpi in (select kpi from kinds)
        ),
        covered as (select kpi, period_grain, period_start from new_rows where dimension = 'all'),
        members as (
            select kpi, dimension, list(distinct member order by member) as members
            from old_rows group by kpi, dimension
            union all
            select kpi, dimension, list(distinct member order by member) as members
            from new_rows group by kpi, dimension
        ),
        reranked as (
            select kpi, dimension from members group by kpi, dimension
            having count(distinct members) > 1 and bool_or(list_contains(members, 'other'))
        ),
        compared as (
            select
                coalesce(new_rows.kpi, old_rows.kpi) as kpi,
                coalesce(new_rows.period_grain, old_rows.period_grain) as period_grain,
                coalesce(new_rows.period_start, old_rows.period_start) as period_start,
                coalesce(new_rows.dimension, old_rows.dimension) as dimension,
                coalesce(new_rows.member, old_rows.member) as member,
                old_rows.kpi_value as old_value,
                new_rows.kpi_value as new_value,
                new_rows.kpi is null or old_rows.kpi is null as is_one_sided,
                new_rows.definition_version <> old_rows.definition_version as is_redefined
            from old_rows
            full join new_rows
                on old_rows.kpi = new_rows.kpi and old_rows.period_grain = new_rows.period_grain
                and old_rows.period_start = new_rows.period_start and old_rows.dimension = new_rows.dimension
                and old_rows.member = new_rows.member
        )
        select {columns} from previous.main.kpi_revisions
        union all
        select
            compared.kpi, compared.period_grain, compared.period_start, compared.dimension, compared.member,
            old_value, new_value, {literal(release)} as changed_in_release,
            case when is_redefined then 'definition' when kinds.matures then 'maturing' else 'data' end as cause
        from compared
        inner join kinds on compared.kpi = kinds.kpi
        semi join covered
            on compared.kpi = covered.kpi and compared.period_grain = covered.period_grain
            and compared.period_start = covered.period_start
        left join reranked on compared.kpi = reranked.kpi and compared.dimension = reranked.dimension
        where
            (
                (old_value is null) <> (new_value is null)
                or abs(old_value - new_value) > {REVISION_TOLERANCE} * greatest(abs(old_value), abs(new_value))
            )
            and not (is_one_sided and compared.period_grain in ('day', 'week'))
            and not (reranked.kpi is not null and (is_one_sided or compared.member = 'other'))
        """,
        order="changed_in_release, kpi, period_grain, period_start, dimension, member",
    )


def _write_runs(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run: str, as_of: dt.date, *, has_previous: bool
) -> None:
    """One row per KPI of this run; a night that is run again replaces its own rows."""
    columns = columns_of("kpi_runs")
    connection.execute(create_table("temp.earlier_runs", "kpi_runs"))
    if has_previous:
        connection.execute(
            f"insert into earlier_runs select {columns} from previous.main.kpi_runs where as_of <> ?", [as_of]
        )
    _insert(
        connection,
        "kpi_runs",
        f"""
        with last_night as (
            select * from earlier_runs where as_of < date '{as_of}'
            qualify row_number() over (partition by kpi order by as_of desc) = 1
        ),
        tonight as (
            select
                {literal(run)} as run, date '{as_of}' as as_of, verdicts.kpi, verdicts.verdict, verdicts.reason,
                case when last_night.verdict = verdicts.verdict then last_night.since else date '{as_of}' end as since,
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


def _write_audits(connection: duckdb.DuckDBPyConnection, settings: Settings, run: str, *, has_previous: bool) -> None:
    """The findings of this run, and of as many nights before it as there are releases."""
    earlier = f"""
        union all by name
        select * from previous.main.kpi_audits
        where run in (
            select run from earlier_runs
            qualify dense_rank() over (order by as_of desc) < {settings.keep_releases}
        )
    """
    _insert(
        connection,
        "kpi_audits",
        f"select {literal(run)} as run, * from warehouse.audit.findings {earlier if has_previous else ''}",
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


def _export_files(connection: duckdb.DuckDBPyConnection, work: Path) -> dict[str, int]:
    """Write every table as Parquet and CSV, in the order of its rows; returns the row counts."""
    counts = {}
    for kind in ("parquet", "csv"):
        (work / kind).mkdir()
    for table in TABLES:
        # rowid is the order in which the sorted rows were written
        selected = f"(select {columns_of(table)} from {table} order by rowid)"
        parquet, csv = work / "parquet" / f"{table}.parquet", work / "csv" / f"{table}.csv"
        connection.execute(f"copy {selected} to {literal(str(parquet))} (format parquet, compression zstd)")
        connection.execute(f"copy {selected} to {literal(str(csv))} (format csv, header)")
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        counts[table] = row[0]
    return counts


def _write_manifest(
    work: Path,
    name: str,
    run: str,
    as_of: dt.date,
    now: dt.datetime,
    counts: dict[str, int],
    held_back: dict[str, str],
) -> None:
    files = sorted(path for path in work.rglob("*") if path.is_file())
    manifest: dict[str, Any] = {
        "release": name,
        "as_of": as_of.isoformat(),
        "run": run,
        "published_at": now.isoformat(timespec="seconds"),
        "pipeline_version": __version__,
        "rows": counts,
        "held": held_back,
        "sha256": {path.relative_to(work).as_posix(): _checksum(path) for path in files},
    }
    path = work / "manifest.json"
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for file in [*files, path]:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
