"""Ingest: every new file of the exports folder becomes typed rows of ``raw.<entity>``, once.

What cannot be typed goes to ``raw.quarantine`` with file, line, column and reason; a file that cannot be trusted as a
whole is refused, and the KPIs that depend on its entity are held until it is mended. ``raw.loads`` is the ledger:
content that it knows as loaded is not read again, whatever the file is called.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb
import pyarrow

from kpi_pipeline.errors import ConfigurationError, UnreadableFileError
from kpi_pipeline.exports import SYSTEMS, Column, Entity, Layout, read_entities
from kpi_pipeline.readers import BadLine, Reading, locate_rows, open_export
from kpi_pipeline.settings import Settings
from kpi_pipeline.warehouse import connect, literal, locked, quoted, rows

log = logging.getLogger(__name__)

_QUARANTINE = pyarrow.schema(
    [
        ("load", pyarrow.int64()), ("entity", pyarrow.string()), ("file", pyarrow.string()), ("line", pyarrow.int64()),
        ("column_name", pyarrow.string()), ("reason", pyarrow.string()), ("raw_text", pyarrow.string()),
    ]
)  # fmt: skip

QUARANTINED_OF_REFUSED = 100
"""Rows that quarantine keeps of a file that was refused whole: enough to see what is wrong with it."""

_UPDATED_AT = "_updated_at"


@dataclass(frozen=True)
class FileLoad:
    """What became of one file for one entity."""

    file: str
    system: str
    entity: str
    status: str
    """loaded, refused, or known (its content was loaded before)"""
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reason: str = ""


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did: a line per file and entity, and the files that nobody asked for."""

    files: list[FileLoad]
    unclaimed: list[str]

    @property
    def refused(self) -> list[FileLoad]:
        """Files that were refused whole."""
        return [file for file in self.files if file.status == "refused"]


def ingest(settings: Settings, systems: Sequence[str] | None = None) -> IngestReport:
    """Load every file that is new in the exports folder, of all systems or the named ones.

    A bad file is recorded and reported, never raised: it must not silence the others.

    Raises:
        ConfigurationError: an unknown system, a wrong declaration, or no exports folder.
        PipelineError: the warehouse cannot be written.
    """
    wanted = tuple(systems or SYSTEMS)
    if unknown := sorted(set(wanted) - set(SYSTEMS)):
        raise ConfigurationError(f"Unknown system {', '.join(unknown)}; the systems are {', '.join(SYSTEMS)}.")
    if not settings.exports.is_dir():
        raise ConfigurationError(f"There is no exports folder at {settings.exports}. Create it or set KPI_EXPORTS.")
    entities = [entity for entity in read_entities(settings.dbt_project) if entity.system in wanted]
    with locked(settings), connect(settings) as connection:
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
            report.files.extend(_load(settings, connection, path, name, content, *claim) for claim in claims)
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


def create_raw_tables(connection: duckdb.DuckDBPyConnection, entities: Iterable[Entity]) -> None:
    """Create the tables of ``raw`` that do not exist yet: an entity that never had an export is an empty table."""
    connection.execute(
        """
        create schema if not exists raw;
        create table if not exists raw.loads (
            load bigint, loaded_at timestamp, system text, entity text, layout text, file text,
            content text, status text, reason text, version_at timestamp, new_columns text,
            rows_read bigint, rows_loaded bigint, rows_quarantined bigint
        );
        create table if not exists raw.quarantine (
            load bigint, entity text, file text, line bigint, column_name text, reason text, raw_text text
        );
        create table if not exists raw.files (
            file text primary key, size bigint, modified_ns bigint, changed_ns bigint, content text
        );
        create table if not exists raw.export_status (entity text primary key, system text, verdict text, reason text);
        """
    )
    for entity in entities:
        columns = ", ".join(f"{quoted(column.name)} {column.data_type}" for column in entity.columns)
        connection.execute(
            f"create table if not exists raw.{entity.name} "
            f"({columns}, _load bigint, _row bigint, _version_at timestamp)"
        )
        known = {row[0] for row in connection.execute(f"describe raw.{entity.name}").fetchall()}
        for column in entity.columns:
            if column.name not in known:
                connection.execute(f"alter table raw.{entity.name} add column {quoted(column.name)} {column.data_type}")


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


def _load(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    content: str,
    entity: Entity,
    layout: Layout,
) -> FileLoad:
    """Load one file into one entity, in one transaction: all of it and its ledger line, or nothing."""
    known = connection.execute(
        "select 1 from raw.loads where entity = ? and content = ? and status = 'loaded'", [entity.name, content]
    ).fetchone()
    if known:
        return FileLoad(name, entity.system, entity.name, "known")
    # before the transaction and after it, because a transaction that failed takes no statement but its rollback
    connection.execute(f"set TimeZone = {literal(layout.timezone or settings.timezone)}")
    connection.begin()
    try:
        _forget_refusal(connection, entity, content)
        load = _next_load(connection)
        try:
            result = _load_rows(settings, connection, path, name, entity, layout, load)
        except UnreadableFileError as refusal:
            connection.rollback()
            connection.begin()
            _forget_refusal(connection, entity, content)
            load = _next_load(connection)
            result = _Loaded(status="refused", reason=str(refusal))
        _write_ledger(connection, load, name, content, entity, layout, result)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.execute("set TimeZone = 'UTC'")
    done = FileLoad(name, entity.system, entity.name, result.status, result.loaded, result.quarantined, result.reason)
    if result.status == "refused":
        log.warning("%s: refused as %s: %s", name, entity.name, result.reason)
    else:
        log.info(
            "%s: %s rows into raw.%s, %s in quarantine", name, f"{done.rows_loaded:,}", entity.name, result.quarantined
        )
    return done


@dataclass
class _Loaded:
    status: str
    reason: str = ""
    version_at: dt.datetime | None = None
    new_columns: str = ""
    read: int = 0
    loaded: int = 0
    quarantined: int = 0


def _next_load(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(load), 0) + 1 from raw.loads").fetchone()
    assert row is not None
    return int(row[0])


def _forget_refusal(connection: duckdb.DuckDBPyConnection, entity: Entity, content: str) -> None:
    """A refused file is tried again every night; only its latest refusal is worth keeping."""
    connection.execute(
        "delete from raw.quarantine where load in (select load from raw.loads where entity = ? and content = ?)",
        [entity.name, content],
    )
    connection.execute("delete from raw.loads where entity = ? and content = ?", [entity.name, content])


def _load_rows(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    entity: Entity,
    layout: Layout,
    load: int,
) -> _Loaded:
    before = path.stat()
    try:
        file_date = layout.file_date(name)
    except ValueError as error:
        raise UnreadableFileError(f"its name should carry a date as in {layout.files}: {error}") from error
    reading = open_export(connection, path, layout)
    _check_headers(entity, layout, reading)
    try:
        connection.execute(_typed_rows(entity, layout, reading))
    except duckdb.Error as error:
        raise UnreadableFileError(f"its rows cannot be given their types: {str(error).splitlines()[0]}") from error
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFileError("it is still being written; it will be read again on the next run")
    counted = connection.execute("select count(*), count(_problem) from incoming").fetchone()
    assert counted is not None
    result = _Loaded("loaded", version_at=file_date, read=counted[0] + len(reading.bad_lines))
    result.quarantined = counted[1] + len(reading.bad_lines)
    result.loaded = result.read - result.quarantined
    used = {header for headers in layout.headers.values() for header in headers} | {layout.updated_at}
    result.new_columns = ", ".join(header for header in reading.headers if header not in used)
    if result.read == 0 and entity.load == "snapshot":
        raise UnreadableFileError(f"it has a header but no row, and would empty {entity.name}; export it again")
    if result.quarantined > settings.quarantine_max_share * result.read:
        result.status, kept = "refused", QUARANTINED_OF_REFUSED
    else:
        kept = result.quarantined
    first = _write_quarantine(connection, path, name, entity, layout, load, reading.bad_lines, kept)
    if result.status == "refused":
        result.reason = (
            f"{result.quarantined:,} of its {result.read:,} rows cannot be loaded, more than "
            f"{settings.quarantine_max_share:.0%} (KPI_QUARANTINE_MAX_SHARE); first: {first}"
        )
        result.loaded = 0
        return result
    columns = ", ".join(quoted(column.name) for column in entity.columns)
    version = (
        "_updated_at" if layout.updated_at else f"cast({literal(str(file_date)) if file_date else 'null'} as timestamp)"
    )
    connection.execute(
        f"insert into raw.{entity.name} ({columns}, _load, _row, _version_at) "
        f"select {columns}, {load}, _row, {version} from incoming where _problem is null"
    )
    return result


def _check_headers(entity: Entity, layout: Layout, reading: Reading) -> None:
    optional = {column.name for column in entity.columns if not column.required}
    canonical = layout in entity.canonical_layouts
    needed = layout.headers | ({_UPDATED_AT: [layout.updated_at]} if layout.updated_at else {})
    for column, headers in needed.items():
        if canonical and column in optional:
            continue
        for header in headers:
            if header not in reading.headers:
                near = difflib.get_close_matches(header, reading.headers, n=1, cutoff=0.6)
                hint = f"; the nearest is {near[0]!r}" if near else f"; it has {', '.join(reading.headers)}"
                raise UnreadableFileError(
                    f"the column {header!r} is missing{hint}. Export it with that column, "
                    f"or change layout {layout.name} of {entity.name}"
                )


def _typed_rows(entity: Entity, layout: Layout, reading: Reading) -> str:
    """SQL that makes ``incoming``: the entity's columns, typed, and ``_problem``, the first column that cannot be."""
    given, typed, problems = [], [], []
    for column in _columns_to_read(entity, layout):
        as_given, as_read = quoted("given_" + column.name), quoted(column.name)
        given.append(f"{_source(column, layout, reading)} as {as_given}")
        typed.append(f"{_cast(as_given, column, layout, reading.typed)} as {as_read}")
        if column.data_type != "text":
            problems.append(f"when {as_given} is not null and {as_read} is null then {literal(column.name)}")
        if column.required:
            problems.append(f"when {as_read} is null then {literal(column.name)}")
    problem = f"case {' '.join(problems)} end" if problems else "null"
    return f"""
        create or replace temp table incoming as
        with given as (select _row, {", ".join(given)} from {reading.relation}),
        typed as (select *, {", ".join(typed)} from given)
        select *, {problem} as _problem from typed
    """


def _columns_to_read(entity: Entity, layout: Layout) -> list[Column]:
    """The entity's columns, and the moment of the last change where the tool writes one."""
    moment = Column(name=_UPDATED_AT, data_type="timestamp", required=False, meaning="")
    return [*entity.columns, *([moment] if layout.updated_at else [])]


def _source(column: Column, layout: Layout, reading: Reading) -> str:
    """The value as the file gives it: trimmed, empty text as NULL, the tool's words turned into ours."""
    if column.name == layout.row_key:
        cells = ", ".join(f"coalesce(cast({quoted(header)} as text), chr(30))" for header in reading.headers)
        row = f"md5(concat_ws(chr(31), {cells}))"
        return f"{row} || '-' || row_number() over (partition by {row} order by _row)"
    if column.name in layout.constants:
        return f"cast({literal(layout.constants[column.name])} as text)"
    named = [layout.updated_at or ""] if column.name == _UPDATED_AT else layout.headers.get(column.name, [])
    headers = [header for header in named if header in reading.headers]
    if not headers:
        return "cast(null as text)"
    if reading.typed and column.data_type != "text" and column.name not in layout.values and len(headers) == 1:
        return quoted(headers[0])
    texts = [f"nullif(trim(cast({quoted(header)} as text), e' \\t\\r\\n'), '')" for header in headers]
    text = texts[0] if len(texts) == 1 else " || '-' || ".join(texts)
    if words := layout.values.get(column.name):
        cases = " ".join(f"when {literal(theirs)} then {literal(ours)}" for theirs, ours in words.items())
        return f"case {text} {cases} else {text} end"
    return text


def _cast(given: str, column: Column, layout: Layout, is_typed: bool) -> str:
    """`given` as the column's type, NULL where it is no such value. Nothing is rounded or guessed on the way."""
    moment = given
    if strptime := layout.formats.get(column.name):
        moment = f"try_strptime(cast({given} as text), {literal(strptime)})"
        if is_typed:
            moment = f"coalesce({moment}, try_cast({given} as timestamp))"
    match column.data_type:
        case "text":
            return f"cast({given} as text)"
        case "timestamp":
            # The session's time zone is the layout's: it applies to values without an offset, and only to them.
            moment = f"try_cast({moment} as timestamptz)"
            return f"timezone('UTC', case when isfinite({moment}) then {moment} end)"
        case "date":
            moment = f"try_cast({moment} as date)"
            return f"case when isfinite({moment}) then {moment} end"
        case "bigint":
            number = f"try_cast({given} as bigint)"
            return f"case when try_cast({given} as double) = {number} then {number} end"
        case "double":
            number = f"try_cast({given} as double)"
            return f"case when isfinite({number}) then {number} end"
        case "boolean":
            return f"try_cast({given} as boolean)"
        case "decimal(18,4)":
            factor = layout.scale.get(column.name)
            if factor:
                return f"try_cast(try(try_cast({given} as decimal(38,10)) * {factor:f}) as decimal(18,4))"
            return f"try_cast({given} as decimal(18,4))"


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    entity: Entity,
    layout: Layout,
    load: int,
    bad_lines: list[BadLine],
    kept: int,
) -> str:
    """Write down at most `kept` bad rows, in order of line; returns the first as a sentence."""
    columns = {column.name: column for column in _columns_to_read(entity, layout)}
    bad = rows(
        connection,
        f"""
        select _row, _problem, case _problem {
            " ".join(f"when {literal(name)} then cast({quoted('given_' + name)} as text)" for name in columns)
        } end as given
        from incoming where _problem is not null order by _row limit {kept}
        """,
    )
    places = locate_rows(path, layout, [row["_row"] for row in bad], bad_lines) if bad else {}
    records: list[tuple[object, ...]] = [
        (load, entity.name, name, line.line, None, line.reason, line.raw_text) for line in bad_lines[:kept]
    ]
    for row in bad:
        line, raw_text = places.get(row["_row"], (row["_row"], ""))
        column = columns[row["_problem"]]
        column_name = layout.updated_at if column.name == _UPDATED_AT else column.name
        reason = (
            f"{column.name} is required and is empty"
            if row["given"] is None
            else f"{row['given']!r} is no {column.data_type}"
        )
        records.append((load, entity.name, name, line, column_name, reason, raw_text))
    records = sorted(records, key=lambda record: cast(int, record[3]))[:kept]
    if not records:
        return ""
    bad_rows = pyarrow.Table.from_pylist(
        [dict(zip(_QUARANTINE.names, record, strict=True)) for record in records], schema=_QUARANTINE
    )
    connection.register("bad_rows", bad_rows)
    connection.execute("insert into raw.quarantine select * from bad_rows")
    connection.unregister("bad_rows")
    return f"line {records[0][3]}: {records[0][5]}"


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
        "insert into raw.loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            load, now, entity.system, entity.name, layout.name, name, content, result.status, result.reason,
            result.version_at, result.new_columns, result.read, result.loaded, result.quarantined,
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
        connection.execute(
            "insert or replace into raw.export_status values (?, ?, ?, ?)",
            [entity.name, entity.system, verdict, reason],
        )
