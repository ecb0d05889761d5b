"""The ledger: what became of every content, in ``raw.loads``, and of every entity, in ``raw.export_status``."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.warehouse.connection import count, rows
from kpi_pipeline.warehouse.schema import insert_rows


@dataclass(frozen=True)
class FileLoad:
    """What became of one file for one entity: a row of ``raw.loads``, and what `ingest` reports.

    Every row of the file is in one of the numbers below `rows_read`, which is their sum.
    """

    system: str
    entity: str
    layout: str
    file: str
    content: str = ""
    """The SHA-256 of what was in it; empty where it could not be opened."""
    status: str = ""
    """loaded, refused, or known (its content was loaded before); in the ledger also replaced (by a later file)"""
    reason: str = ""
    version_at: dt.datetime | None = None
    """The date in the file's name; of a report whose rows tell when they were written, the last of those moments."""
    report: str = ""
    """What the file is an edition of, `Layout.edition`."""
    series: str = ""
    """What tells it from other reports of that name, `Layout.series_of`; of events, its name without the ending."""
    is_provisional: bool = False
    """Whether it yields to the file of its name that is not."""
    unnamed_columns: str = ""
    """Headers of the file that its layout does not name."""
    warnings: str = ""
    rows_read: int = 0
    rows_loaded: int = 0
    """Rows that brought something new: a thing, a document's line, an event, a part of a report."""
    rows_added_up: int = 0
    """Rows of a report whose key another row of the file has: both are parts."""
    rows_repeated: int = 0
    """Rows of what was known, from this file or from one before it: a newer version, or the same again."""
    rows_superseded: int = 0
    """Rows that do not count, because something newer was there before them."""
    rows_gone: int = 0
    """Rows that say that their thing is gone."""
    rows_left_out: int = 0
    """Rows that the layout says are no rows of the entity."""
    rows_quarantined: int = 0
    rows_refused: int = 0
    """Good rows of a file that was refused whole."""
    load: int | None = None
    """Its number; none before it is in the ledger."""
    loaded_at: dt.datetime | None = None
    """In UTC."""
    rows_otherwise: int = 0
    """Rows with a word that no list has and that became what the layout says under `otherwise`."""
    left_out_because: str = ""
    """Which of the layout's conditions left rows out, and how many each."""

    @property
    def rows_of_entity(self) -> int:
        """Rows of the file that are rows of the entity, good or bad."""
        return self.rows_read - self.rows_left_out

    @property
    def rows_typed(self) -> int:
        """Rows that could be typed and are in ``raw``, or were there before."""
        return (
            self.rows_loaded + self.rows_added_up + self.rows_repeated + self.rows_superseded + self.rows_gone
        )  # fmt: skip


@contextlib.contextmanager
def attempt(
    connection: duckdb.DuckDBPyConnection, entity: Entity, content: str, instead_of: FileLoad | None = None
) -> Iterator[int]:
    """One transaction in which a content is loaded into `entity`, whole: what raises in it leaves nothing behind.

    It begins without what was written down of this content when it was refused.

    Args:
        connection: the warehouse.
        entity: what is loaded.
        content: the SHA-256 of the file.
        instead_of: an earlier load of it that is read again. It keeps its number, and so its place among the others.

    Yields:
        The number of the load.
    """
    connection.begin()
    try:
        loads = _loads(connection, "entity = ? and content = ? and status = 'refused'", entity.name, content)
        loads += [instead_of.load] if instead_of and instead_of.load is not None else []
        forget_rows(connection, entity, loads)
        for load in loads:
            connection.execute("delete from raw.quarantine where load = ?", [load])
            connection.execute("delete from raw.loads where load = ?", [load])
        next_load = count(connection, "select coalesce(max(load), 0) + 1 from raw.loads")
        yield instead_of.load if instead_of and instead_of.load is not None else next_load
        connection.commit()
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # there may be no transaction any more
            connection.rollback()
        raise


def replace_same_name(connection: duckdb.DuckDBPyConnection, entity: Entity, layout: Layout, file: str) -> None:
    """Forget the rows that earlier files of the name `file` brought."""
    found = connection.execute(
        "select load, file from raw.loads where entity = ? and status = 'loaded'", [entity.name]
    ).fetchall()
    mine = layout.stem_of(file), layout.is_provisional(file)
    loads = [load for load, name in found if (layout.stem_of(name), layout.is_provisional(name)) == mine]
    forget_rows(connection, entity, loads)
    for load in loads:
        connection.execute("update raw.loads set status = 'replaced' where load = ?", [load])


def forget_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, loads: Iterable[int]) -> None:
    """Take the rows of `loads` out of ``raw.<entity>``."""
    for load in loads:
        connection.execute(f"delete from raw.{entity.name} where _load = ?", [load])
        connection.execute("delete from raw.coverage where load = ?", [load])


def own_load(connection: duckdb.DuckDBPyConnection, entity: Entity, file: str, content: str) -> FileLoad | None:
    """The load by which the file called `file` brought its `content` into `entity`; None if it last brought another."""
    found = connection.execute(
        "select max(load), max_by(content, load) from raw.loads "
        "where entity = ? and file = ? and status in ('loaded', 'replaced')",
        [entity.name, file],
    ).fetchone()
    if not found or found[1] != content:
        return None
    return FileLoad(**rows(connection, "select * from raw.loads where load = ?", [found[0]])[0])


def known_load(connection: duckdb.DuckDBPyConnection, entity: Entity, unread: FileLoad) -> FileLoad | None:
    """The load that brought what the file `unread` has; None where it has something to tell.

    A content that comes again is a new state where something else came in between (an order was paid, voided and is
    paid again), unless its rows tell themselves when they were written, or happened once.

    Args:
        connection: the warehouse.
        entity: what the file is for.
        unread: its line in the ledger, with content, version and series.
    """
    # most files are new, and know nothing that a second question could find
    if not _loads(connection, "entity = ? and content = ? and status <> 'refused'", entity.name, unread.content):
        return None
    if own := own_load(connection, entity, unread.file, unread.content):
        return own
    standing = [
        FileLoad(**found)
        for found in rows(
            connection,
            "select * from raw.loads where entity = ? and content = ? and status = 'loaded' order by load",
            [entity.name, unread.content],
        )
    ]
    if not standing:
        return None
    is_of_days = entity.rows in ("reports", "readings")
    rows_tell = entity.rows == "events" or any(
        layout.updated_at for layout in entity.layouts if layout.name == unread.layout
    )
    latest = standing[-1]
    is_copy = (latest.report, latest.series) != (unread.report, unread.series) and (
        is_of_days or entity.rows == "snapshot"
    )
    if rows_tell or is_copy:
        return latest
    state_before = connection.execute(
        "select load from raw.loads where entity = ? and status = 'loaded' and report = ? and (series = ? or not ?) "
        "and coalesce(version_at, timestamp '-infinity') <= coalesce(?::timestamp, timestamp '-infinity') "
        "order by version_at desc nulls last, load desc limit 1",
        [entity.name, unread.report, unread.series, is_of_days, unread.version_at],
    ).fetchone()
    return next((load for load in standing if state_before == (load.load,)), None)


def write_load(connection: duckdb.DuckDBPyConnection, done: FileLoad, load: int) -> FileLoad:
    """Write what was done, as number `load`, into the ledger; returns what stands there."""
    written = replace(done, load=load, loaded_at=dt.datetime.now(dt.UTC).replace(tzinfo=None))
    insert_rows(connection, "raw.loads", [written])
    return written


def write_status(connection: duckdb.DuckDBPyConnection, entities: Iterable[Entity], files: Sequence[FileLoad]) -> None:
    """An entity is as good as the files that lie there now: one refused file, and what depends on it is held."""
    for entity in entities:
        mine = [file for file in files if file.entity == entity.name]
        refused = [file for file in mine if file.status == "refused"]
        ever = _loads(connection, "entity = ? and status = 'loaded'", entity.name)
        verdict = "refused" if refused else "loaded" if ever else "never"
        reason = "; ".join(f"{file.file}: {file.reason}" for file in refused)
        warnings = "; ".join(f"{file.file}: {file.warnings}" for file in mine if file.warnings)
        connection.execute(
            "insert or replace into raw.export_status values (?, ?, ?, ?, ?)",
            [entity.name, entity.system, verdict, reason, warnings],
        )


def _loads(connection: duckdb.DuckDBPyConnection, where: str, *parameters: str) -> list[int]:
    found = connection.execute(f"select load from raw.loads where {where} order by load", parameters).fetchall()
    return [load for (load,) in found]
