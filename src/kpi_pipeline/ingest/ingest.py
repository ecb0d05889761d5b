"""Ingest: every new file of the exports folder becomes typed rows of ``raw.<entity>``, once.

What cannot be typed goes to ``raw.quarantine`` with file, line, column and reason; a file that cannot be trusted as a
whole is refused, and the KPIs that depend on its entity are held until it is mended. ``raw.loads`` is the ledger:
content that it knows as loaded is not read again, whatever the file is called, and of every file
``rows_read = rows_loaded + rows_repeated + rows_quarantined + rows_refused``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import duckdb
import pyarrow

from kpi_pipeline.contracts.export import SYSTEMS, Column, Entity, read_entities
from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError, UnreadableFileError
from kpi_pipeline.ingest.conversions import register_calendar
from kpi_pipeline.ingest.readers import BadLine, Reading, as_plain_file, direct_csv, locate_rows, open_export
from kpi_pipeline.ingest.typed_rows import (
    UPDATED_AT,
    base_header,
    can_be_read_directly,
    columns_to_read,
    headers_of,
    typed_rows,
    unnamed_headers,
    written_as,
)
from kpi_pipeline.warehouse.connection import connect, literal, locked, quoted, rows
from kpi_pipeline.warehouse.schema import create_raw_tables

log = logging.getLogger(__name__)

_QUARANTINE = pyarrow.schema(
    [
        ("load", pyarrow.int64()), ("entity", pyarrow.string()), ("file", pyarrow.string()), ("line", pyarrow.int64()),
        ("column_name", pyarrow.string()), ("reason", pyarrow.string()), ("raw_text", pyarrow.string()),
    ]
)  # fmt: skip

FILES_THAT_MAKE_A_HISTORY = 3
"""Loads of a layout before a file's size is compared with them."""

UNLIKE = 5
"""How many times smaller or larger than usual a file must be to be warned about."""

QUARANTINED_OF_REFUSED = 100
"""Rows that quarantine keeps of a file that was refused whole: enough to see what is wrong with it."""


@dataclass(frozen=True)
class FileLoad:
    """What became of one file for one entity."""

    file: str
    system: str
    entity: str
    status: str
    """loaded, refused, or known (its content was loaded before)"""
    rows_loaded: int = 0
    rows_repeated: int = 0
    rows_quarantined: int = 0
    reason: str = ""
    warnings: str = ""

    @property
    def rows_typed(self) -> int:
        """Rows that could be typed: of new keys, and of keys that were known."""
        return self.rows_loaded + self.rows_repeated


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did: a line per file and entity, and the files that nobody asked for."""

    files: list[FileLoad]
    unclaimed: list[str]

    @property
    def refused(self) -> list[FileLoad]:
        """Files that were refused whole."""
        return [file for file in self.files if file.status == "refused"]


def ingest(
    settings: Settings, systems: Sequence[str] | None = None, accept: Sequence[str] = (), retry: bool = False
) -> IngestReport:
    """Load every file that is new in the exports folder, of all systems or the named ones.

    A bad file is recorded and reported, never raised: it must not silence the others.

    Args:
        settings: the company's settings.
        systems: analytics, crm, hr; all where none is named.
        accept: files (below the exports folder) whose snapshot is right although it is much smaller than the last.
        retry: read files again of which rows are in quarantine, because their layout was mended.

    Raises:
        ConfigurationError: an unknown system, a wrong declaration, or no exports folder.
        PipelineError: the warehouse cannot be written.
    """
    wanted = tuple(systems or SYSTEMS)
    if unknown := sorted(set(wanted) - set(SYSTEMS)):
        raise ConfigurationError(f"Unknown system {', '.join(unknown)}; the systems are {', '.join(SYSTEMS)}.")
    if not settings.exports.is_dir():
        raise ConfigurationError(f"There is no exports folder at {settings.exports}. Create it or set KPI_EXPORTS.")
    declared = read_entities(settings.dbt_project, settings.layout_folders)
    entities = [entity for entity in declared if entity.system in wanted]
    with locked(settings), connect(settings) as connection:
        register_calendar(connection)
        create_raw_tables(connection, entities)
        report = IngestReport([], [])
        for path in exported_files(settings.exports, wanted):
            name = path.relative_to(settings.exports).as_posix()
            claims = [(entity, layout) for entity in entities if (layout := entity.layout_of(name))]
            if not claims:
                report.unclaimed.append(name)
                log.warning("%s: no layout reads this file; it is left alone", name)
                continue
            try:
                content = _content_of(connection, path, name)
            except OSError as error:
                reason = f"it cannot be opened: {error.strerror}"
                log.warning("%s: %s", name, reason)
                report.files.extend(
                    FileLoad(name, entity.system, entity.name, "refused", reason=reason) for entity, _ in claims
                )
                continue
            incoming = _Incoming(settings, connection, path, name, content, name in accept, retry)
            report.files.extend(_load(incoming, *claim) for claim in claims)
        _record_status(connection, entities, report)
    return report


def exported_files(exports: Path, systems: Iterable[str]) -> list[Path]:
    """The files of the systems' folders, in order of name; hidden and half-copied ones are not there yet."""
    return sorted(
        path
        for system in systems
        for path in (exports / system).rglob("*")
        if path.is_file()
        and path.suffix not in {".part", ".tmp", ".md"}
        and not any(part.startswith(".") for part in path.relative_to(exports).parts)
    )


def _content_of(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> str:
    """The SHA-256 of the file. A file whose size and times stand as they did is not read again."""
    stat = path.stat()
    seen = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    known = connection.execute(
        "select content from raw.files where (file, size, modified_ns, changed_ns) = (?, ?, ?, ?)", [name, *seen]
    ).fetchone()
    if known:
        return str(known[0])
    with path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    connection.execute("insert or replace into raw.files values (?, ?, ?, ?, ?)", [name, *seen, content])
    return content


@dataclass(frozen=True)
class _Incoming:
    """A file on its way into the warehouse."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    path: Path
    name: str
    content: str
    is_accepted: bool
    is_retried: bool


@dataclass
class _Loaded:
    status: str
    reason: str = ""
    version_at: dt.datetime | None = None
    unnamed: list[str] = field(default_factory=list)
    """Headers of the file that the layout does not name."""
    warnings: list[str] = field(default_factory=list)
    read: int = 0
    loaded: int = 0
    repeated: int = 0
    quarantined: int = 0
    refused: int = 0
    """Good rows of a file that was refused whole."""
    left_out: int = 0


def _load(incoming: _Incoming, entity: Entity, layout: Layout) -> FileLoad:
    """Load one file into one entity, in one transaction: all of it and its ledger line, or nothing."""
    connection, name = incoming.connection, incoming.name
    known = connection.execute(
        "select rows_quarantined from raw.loads where entity = ? and content = ? and status = 'loaded'",
        [entity.name, incoming.content],
    ).fetchone()
    if known and not (incoming.is_retried and known[0]):
        return FileLoad(name, entity.system, entity.name, "known")
    # before the transaction and after it, because a transaction that failed takes no statement but its rollback
    connection.execute(f"set TimeZone = {literal(layout.timezone or incoming.settings.timezone)}")
    connection.begin()
    try:
        _forget(connection, entity, incoming.content)
        load = _next_load(connection)
        try:
            result = _load_rows(incoming, entity, layout, load)
        except UnreadableFileError as refusal:
            connection.rollback()
            if known:
                log.warning("%s: still as it was, it cannot be read again: %s", name, refusal)
                return FileLoad(name, entity.system, entity.name, "known", reason=str(refusal))
            connection.begin()
            _forget(connection, entity, incoming.content)
            load = _next_load(connection)
            result = _Loaded(status="refused", reason=str(refusal))
        _write_ledger(connection, load, name, incoming.content, entity, layout, result)
        connection.commit()
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # there may be no transaction any more
            connection.rollback()
        raise
    finally:
        connection.execute("set TimeZone = 'UTC'")
    done = FileLoad(
        name, entity.system, entity.name, result.status, result.loaded, result.repeated, result.quarantined,
        result.reason, "; ".join(result.warnings),
    )  # fmt: skip
    if result.status == "refused":
        log.warning("%s: refused as %s: %s", name, entity.name, result.reason)
        return done
    repeated = f", {done.rows_repeated:,} of known keys" if done.rows_repeated else ""
    log.info(
        "%s: %s rows into raw.%s%s, %s in quarantine", name, f"{done.rows_loaded:,}", entity.name, repeated,
        done.rows_quarantined,
    )  # fmt: skip
    if done.warnings:
        log.warning("%s: %s", name, done.warnings)
    return done


def _next_load(connection: duckdb.DuckDBPyConnection) -> int:
    return _count(connection, "select coalesce(max(load), 0) + 1 from raw.loads")


def _forget(connection: duckdb.DuckDBPyConnection, entity: Entity, content: str) -> None:
    """Undo an earlier load of the same content: of a file that was refused, or is to be read again."""
    earlier = connection.execute(
        "select load from raw.loads where entity = ? and content = ?", [entity.name, content]
    ).fetchall()
    for (load,) in earlier:
        connection.execute(f"delete from raw.{entity.name} where _load = ?", [load])
        connection.execute("delete from raw.quarantine where load = ?", [load])
        connection.execute("delete from raw.loads where load = ?", [load])


def _load_rows(incoming: _Incoming, entity: Entity, layout: Layout, load: int) -> _Loaded:
    settings, connection, path = incoming.settings, incoming.connection, incoming.path
    before = path.stat()
    try:
        file_date = layout.file_date(incoming.name)
    except ValueError as error:
        raise UnreadableFileError(f"its name should carry a date as in {layout.files}: {error}") from error
    with as_plain_file(path, layout, settings.home / "scratch") as plain:
        result = _load_values(incoming, plain, entity, layout, load, file_date)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFileError("it is still being written; it will be read again on the next run")
    result.version_at = file_date
    if result.status == "refused":
        return result
    if layout.replaces == "same_name":
        _forget_same_name(connection, entity, incoming.name)
    _balance(connection, entity, load, result)
    if entity.load == "snapshot" and not incoming.is_accepted:
        _check_snapshot(connection, settings, entity, incoming.name, result)
    if new := _new_columns(connection, entity, layout, result.unnamed):
        if layout.new_columns == "freeze":
            raise UnreadableFileError(
                f"it has new columns, {', '.join(new)}, and layout {layout.name} is frozen; add them to the layout"
            )
        result.warnings.append(f"it has columns that the files before it did not have: {', '.join(new)}")
    if warning := _unlike_before(connection, entity, layout, result.read):
        result.warnings.append(warning)
    return result


def _load_values(
    incoming: _Incoming, plain: Path, entity: Entity, layout: Layout, load: int, file_date: dt.datetime | None
) -> _Loaded:
    """Load any file; what cannot be typed goes to quarantine, or the file is refused for it."""
    settings, connection = incoming.settings, incoming.connection
    typed = _type_directly(incoming, plain, entity, layout, load, file_date)
    typed = typed or _type_carefully(connection, plain, entity, layout, load, file_date)
    bad_lines = typed.reading.bad_lines
    result = _Loaded("loaded", read=typed.rows + len(bad_lines), left_out=typed.left_out)
    result.quarantined = _count(connection, "select count(*) from bad_rows") + len(bad_lines)
    result.unnamed = unnamed_headers(layout, typed.reading.headers)
    _check_not_empty(entity, result.read)
    _check_date_formats(connection, entity, layout)
    share = settings.quarantine_max_share if entity.quarantine_max_share is None else entity.quarantine_max_share
    rows_limit = settings.quarantine_max_rows if entity.quarantine_max_rows is None else entity.quarantine_max_rows
    limit = min(share * result.read, rows_limit)
    is_refused = result.quarantined > limit
    kept = QUARANTINED_OF_REFUSED if is_refused else result.quarantined
    records = _bad_records(incoming, plain, entity, layout, load, bad_lines, kept)
    if is_refused:
        _start_again(incoming, entity)
        result.status, result.refused = "refused", result.read - result.quarantined
        broken = f"{share:.0%} (KPI_QUARANTINE_MAX_SHARE)"
        if limit == rows_limit:
            broken = f"{rows_limit:,} (KPI_QUARANTINE_MAX_ROWS)"
        result.reason = (
            f"{result.quarantined:,} of its {result.read:,} rows cannot be loaded, more than {broken}; "
            f"first: line {records[0][3]}: {records[0][5]}"
        )
    _quarantine(connection, records)
    return result


@dataclass(frozen=True)
class _Typed:
    """A file whose good rows stand in ``raw.<entity>``, and whose bad ones in ``bad_rows``."""

    reading: Reading
    rows: int
    """Good and bad ones."""
    left_out: int = 0


def _type_directly(
    incoming: _Incoming, plain: Path, entity: Entity, layout: Layout, load: int, file_date: dt.datetime | None
) -> _Typed | None:
    """Type a CSV while it is read, in one pass; None, and nothing done, where its layout or text asks for more.

    Bad rows are marked by a row number of 0, and taken out again. Good ones get none: only rows of one key are told
    apart by it, and `_number_rows` sees to those.
    """
    connection = incoming.connection
    if layout.format != "csv":
        return None
    reading = direct_csv(connection, plain, layout)
    if not can_be_read_directly(layout, reading.headers):
        return None
    _check_headers(entity, layout, reading)
    marked = (
        "(select * replace (case when _problem is not null then 0 end as _row, case when _problem is null "
        "then _new_columns else cast(json_object('column', _problem, 'given', _given) as text) end as _new_columns) "
        f"from ({typed_rows(entity, layout, reading, _day(file_date))}))"
    )
    try:
        read = _insert(connection, entity, layout, load, file_date, marked)
        is_whole = not _count(connection, "select count(*) from csv_rejects")
    except duckdb.Error as error:
        log.debug("%s: not in one pass: %s", incoming.name, error)
        is_whole = False
    if not is_whole or reading.rows not in (None, read):
        _start_again(incoming, entity)
        return None
    of_load = f"from raw.{entity.name} where _load = {load}"
    connection.execute(
        f"create or replace temp table bad_rows as select rowid - (select min(rowid) {of_load}) + 1 as _row, "
        f"_new_columns ->> 'column' as _problem, _new_columns ->> 'given' as _given {of_load} and _row = 0"
    )
    if _count(connection, "select count(*) from bad_rows"):
        connection.execute(f"delete {of_load} and _row = 0")
    return _Typed(reading, read)


def _type_carefully(
    connection: duckdb.DuckDBPyConnection,
    plain: Path,
    entity: Entity,
    layout: Layout,
    load: int,
    file_date: dt.datetime | None,
) -> _Typed:
    """Type any file, by way of a table of its texts."""
    reading = open_export(connection, plain, layout)
    _check_headers(entity, layout, reading)
    typed = typed_rows(entity, layout, reading, _day(file_date), row_number="_row")
    try:
        connection.execute(f"create or replace temp table incoming as {typed}")
    except duckdb.Error as error:
        raise UnreadableFileError(f"its rows cannot be given their types: {str(error).splitlines()[0]}") from error
    connection.execute(
        "create or replace temp table bad_rows as select _row, _problem, _given from incoming "
        "where _problem is not null"
    )
    _insert(connection, entity, layout, load, file_date, "incoming where _problem is null")
    rows_typed = _count(connection, "select count(*) from incoming")
    return _Typed(reading, rows_typed, _count(connection, f"select count(*) from {reading.relation}") - rows_typed)


def _start_again(incoming: _Incoming, entity: Entity) -> None:
    """Undo what was done to the file in this transaction, as far as its earlier load, and begin another one."""
    incoming.connection.rollback()
    incoming.connection.begin()
    _forget(incoming.connection, entity, incoming.content)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    layout: Layout,
    load: int,
    file_date: dt.datetime | None,
    typed: str,
) -> int:
    """Bring the `typed` rows into ``raw.<entity>``; returns how many there are."""
    columns = ", ".join(quoted(column.name) for column in entity.columns)
    dated = f"cast({literal(str(file_date)) if file_date else 'null'} as timestamp)"
    version = UPDATED_AT if layout.updated_at else dated
    return _count(
        connection,
        f"insert into raw.{entity.name} ({columns}, _load, _row, _version_at, _new_columns) "
        f"select {columns}, {load}, _row, {version}, _new_columns from {typed}",
    )


def _number_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, load: int) -> None:
    """Number the rows of `load` in the order of their file, which is that in which they stand in the table."""
    connection.execute(
        f"update raw.{entity.name} set _row = rowid - first_row + 1 "
        f"from (select min(rowid) as first_row from raw.{entity.name} where _load = {load}) where _load = {load}"
    )


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    counted = connection.execute(sql).fetchone()
    assert counted is not None
    return int(counted[0])


def _day(file_date: dt.datetime | None) -> str:
    return str(file_date.date()) if file_date else ""


def _check_not_empty(entity: Entity, rows_read: int) -> None:
    if rows_read == 0 and entity.load == "snapshot":
        raise UnreadableFileError(f"it has a header but no row, and would empty {entity.name}; export it again")


def _check_date_formats(connection: duckdb.DuckDBPyConnection, entity: Entity, layout: Layout) -> None:
    """Refuse a file whose dates are written day first in one row and month first in another: no row can be trusted."""
    for column in columns_to_read(entity, layout):
        written = written_as(column, layout)
        if not (written and "%d" in written and "%m" in written):
            continue
        swapped = written.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")
        found = connection.execute(
            f"select _given from bad_rows where _problem = {literal(column.name)} "
            f"and try_strptime(_given, {literal(swapped)}) is not null order by _row limit 1"
        ).fetchone()
        if found:
            raise UnreadableFileError(
                f"its column {_as_reported(column, layout)} mixes days and months: the layout says {written}, and "
                f"{found[0]!r} is a date only the other way round. Export it in one format"
            )


def _as_reported(column: Column, layout: Layout) -> str | None:
    return layout.updated_at if column.name == UPDATED_AT else column.name


def _forget_same_name(connection: duckdb.DuckDBPyConnection, entity: Entity, name: str) -> None:
    earlier = connection.execute(
        "select load from raw.loads where entity = ? and file = ? and status = 'loaded'", [entity.name, name]
    ).fetchall()
    for (load,) in earlier:
        connection.execute(f"delete from raw.{entity.name} where _load = ?", [load])
        connection.execute("update raw.loads set status = 'replaced' where load = ?", [load])


def _balance(connection: duckdb.DuckDBPyConnection, entity: Entity, load: int, result: _Loaded) -> None:
    """Count the rows that brought a new key, and those that replaced or repeated one.

    A merge keeps every version of a key; of an append the first row of a key stays, so that a repeated one goes again.
    A snapshot is compared with itself alone.
    """
    table, keys = f"raw.{entity.name}", [quoted(column) for column in entity.key]
    key = keys[0] if len(keys) == 1 else f"row({', '.join(keys)})"
    inserted = result.read - result.quarantined
    new = _count(connection, f"select count(distinct {key}) from {table} where _load = {load}")
    if new < inserted and _count(connection, f"select count(*) from {table} where _load = {load} and _row is null"):
        _number_rows(connection, entity, load)
    same = " and ".join(f"earlier.{column} is not distinct from later.{column}" for column in keys)
    others = f"from {table} as earlier where earlier._load <> {load} and {same}"
    is_first = connection.execute("select 1 from raw.loads where entity = ?", [entity.name]).fetchone() is None
    if entity.load != "snapshot" and not is_first:
        new -= _count(
            connection,
            f"select count(distinct {key}) from {table} as later where _load = {load} and exists (select 1 {others})",
        )
    result.loaded, result.repeated = new, inserted - new
    if entity.load == "append" and result.repeated:
        connection.execute(
            f"delete from {table} as later where _load = {load} and (exists (select 1 {others}) or exists ("
            f"select 1 from {table} as earlier where earlier._load = {load} and earlier._row < later._row and {same}))"
        )


def _check_snapshot(
    connection: duckdb.DuckDBPyConnection, settings: Settings, entity: Entity, name: str, result: _Loaded
) -> None:
    """Refuse a snapshot that is much smaller than the one before, until somebody says that it is right.

    The one before is so by the files' dates, where they have any: an old file that comes late replaces nothing.
    """
    before = connection.execute(
        "select rows_loaded, file from raw.loads where entity = ? and status = 'loaded' "
        "and coalesce(version_at <= ?, true) order by version_at desc nulls last, load desc limit 1",
        [entity.name, result.version_at],
    ).fetchone()
    if before and result.loaded < settings.snapshot_min_share * before[0]:
        raise UnreadableFileError(
            f"it has {result.loaded:,} rows where {before[1]} had {before[0]:,}, and a snapshot is the whole of "
            f"{entity.name}. If it is right, say so: kpi ingest --accept {name}"
        )


def _new_columns(
    connection: duckdb.DuckDBPyConnection, entity: Entity, layout: Layout, unnamed: Sequence[str]
) -> list[str]:
    """Those of the `unnamed` headers that no earlier file of the layout had; none for its first file."""
    earlier = connection.execute(
        "select unnamed_columns from raw.loads where entity = ? and layout = ? and status <> 'refused'",
        [entity.name, layout.name],
    ).fetchall()
    known = {header for (headers,) in earlier for header in headers.split(", ")}
    return [header for header in unnamed if header not in known] if earlier else []


def _unlike_before(connection: duckdb.DuckDBPyConnection, entity: Entity, layout: Layout, rows_read: int) -> str:
    """A warning about a file far smaller or larger than the layout's files before it."""
    found = connection.execute(
        "select median(rows_read), count(*) from (select rows_read from raw.loads where entity = ? and layout = ? "
        "and status = 'loaded' order by load desc limit 10)",
        [entity.name, layout.name],
    ).fetchone()
    if not found or found[1] < FILES_THAT_MAKE_A_HISTORY or not found[0]:
        return ""
    usual = int(found[0])
    if usual / UNLIKE <= rows_read <= usual * UNLIKE:
        return ""
    return f"it has {rows_read:,} rows where the files before it had about {usual:,}"


def _check_headers(entity: Entity, layout: Layout, reading: Reading) -> None:
    for header in (*layout.leave_out, *layout.only):
        if layout.format != "jsonl" and base_header(header, reading.headers) not in reading.headers:
            raise UnreadableFileError(
                f"the column {header!r}, by which layout {layout.name} of {entity.name} tells its rows, is missing"
            )
    optional = {column.name for column in entity.columns if not column.required}
    is_canonical = layout in entity.canonical_layouts
    for column in columns_to_read(entity, layout):
        # an optional value may be absent from every object of a JSON file, and an optional column from our own files
        may_be_absent = column.name in optional and (is_canonical or layout.format == "jsonl")
        is_alternative = isinstance(layout.columns.get(column.name), FirstOf)
        missing = [
            header
            for header in headers_of(column, layout)
            if base_header(header, reading.headers) not in reading.headers
        ]
        may_lack_all = column.name in optional or len(missing) < len(headers_of(column, layout))
        if not missing or may_be_absent or (is_alternative and may_lack_all):
            continue
        near = difflib.get_close_matches(missing[0], reading.headers, n=1, cutoff=0.6)
        hint = f"; the nearest is {near[0]!r}" if near else f"; it has {', '.join(reading.headers)}"
        raise UnreadableFileError(
            f"the column {missing[0]!r} is missing{hint}. Export it with that column, "
            f"or change layout {layout.name} of {entity.name}"
        )


def _bad_records(
    incoming: _Incoming,
    plain: Path,
    entity: Entity,
    layout: Layout,
    load: int,
    bad_lines: list[BadLine],
    kept: int,
) -> list[tuple[object, ...]]:
    """At most `kept` bad rows, in order of line, as quarantine has them."""
    name = incoming.name
    columns = {column.name: column for column in columns_to_read(entity, layout)}
    bad = rows(incoming.connection, f"select _row, _problem, _given from bad_rows order by _row limit {kept}")
    places = locate_rows(plain, layout, [row["_row"] for row in bad], bad_lines) if bad else {}
    records: list[tuple[object, ...]] = [
        (load, entity.name, name, line.line, None, line.reason, line.raw_text) for line in bad_lines[:kept]
    ]
    for row in bad:
        line, raw_text = places.get(row["_row"], (row["_row"], ""))
        column = columns[row["_problem"]]
        reason = (
            f"{column.name} is required and is empty"
            if row["_given"] is None
            else f"{row['_given']!r} is no {column.data_type}"
        )
        records.append((load, entity.name, name, line, _as_reported(column, layout), reason, raw_text))
    return sorted(records, key=lambda record: cast(int, record[3]))[:kept]


def _quarantine(connection: duckdb.DuckDBPyConnection, records: Sequence[tuple[object, ...]]) -> None:
    if not records:
        return
    bad_records = pyarrow.Table.from_pylist(
        [dict(zip(_QUARANTINE.names, record, strict=True)) for record in records], schema=_QUARANTINE
    )
    connection.register("bad_records", bad_records)
    connection.execute("insert into raw.quarantine select * from bad_records")
    connection.unregister("bad_records")


def _write_ledger(
    connection: duckdb.DuckDBPyConnection,
    load: int,
    name: str,
    content: str,
    entity: Entity,
    layout: Layout,
    result: _Loaded,
) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    connection.execute(
        f"insert into raw.loads values ({', '.join('?' * 18)})",
        [
            load, now, entity.system, entity.name, layout.name, name, content, result.status, result.reason,
            result.version_at, ", ".join(result.unnamed), "; ".join(result.warnings), result.read, result.loaded,
            result.repeated, result.quarantined, result.refused, result.left_out,
        ],
    )  # fmt: skip


def _record_status(connection: duckdb.DuckDBPyConnection, entities: Iterable[Entity], report: IngestReport) -> None:
    """An entity is as good as the files that lie there now: one refused file, and what depends on it is held."""
    for entity in entities:
        mine = [file for file in report.files if file.entity == entity.name]
        refused = [file for file in mine if file.status == "refused"]
        ever = connection.execute(
            "select count(*) from raw.loads where entity = ? and status = 'loaded'", [entity.name]
        ).fetchone()
        verdict = "refused" if refused else "loaded" if ever and ever[0] else "never"
        reason = "; ".join(f"{file.file}: {file.reason}" for file in refused)
        warnings = "; ".join(f"{file.file}: {file.warnings}" for file in mine if file.warnings)
        connection.execute(
            "insert or replace into raw.export_status values (?, ?, ?, ?, ?)",
            [entity.name, entity.system, verdict, reason, warnings],
        )
