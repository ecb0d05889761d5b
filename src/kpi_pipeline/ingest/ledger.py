"""The ledger: what became of every content, in ``raw.loads``, and of every entity, in ``raw.export_status``."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.warehouse.connection import count, rows
from kpi_pipeline.warehouse.schema import insert_rows


@dataclass(frozen=True)
class FileLoad:
    """What became of one file for one entity: a row of ``raw.loads``, and what `ingest` reports.

    ``rows_read = rows_loaded + rows_repeated + rows_quarantined + rows_refused``, for every row of the ledger.
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
    """The date in the file's name."""
    unnamed_columns: str = ""
    """Headers of the file that its layout does not name."""
    warnings: str = ""
    rows_read: int = 0
    rows_loaded: int = 0
    """Rows that brought a new key."""
    rows_repeated: int = 0
    """Rows of keys that were known, from this file or from one before it."""
    rows_quarantined: int = 0
    rows_refused: int = 0
    """Good rows of a file that was refused whole."""
    rows_left_out: int = 0
    """Rows that the layout says are no rows of the entity."""
    load: int | None = None
    """Its number; none before it is in the ledger."""
    loaded_at: dt.datetime | None = None
    """In UTC."""
    rows_otherwise: int = 0
    """Rows with a word that no list has and that became what the layout says under `otherwise`."""
    left_out_because: str = ""
    """Which of the layout's conditions left rows out, and how many each."""

    @property
    def rows_typed(self) -> int:
        """Rows that could be typed: of new keys, and of keys that were known."""
        return self.rows_loaded + self.rows_repeated


@contextlib.contextmanager
def attempt(connection: duckdb.DuckDBPyConnection, entity: Entity, content: str) -> Iterator[int]:
    """One transaction in which a content is loaded into `entity`, whole: what raises in it leaves nothing behind.

    It begins without what an earlier load of the same content brought, if that was refused or is to be read again.

    Yields:
        The number of the load.
    """
    connection.begin()
    try:
        loads = _loads(connection, "entity = ? and content = ?", entity.name, content)
        forget_rows(connection, entity, loads)
        for load in loads:
            connection.execute("delete from raw.quarantine where load = ?", [load])
            connection.execute("delete from raw.loads where load = ?", [load])
        yield count(connection, "select coalesce(max(load), 0) + 1 from raw.loads")
        connection.commit()
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # there may be no transaction any more
            connection.rollback()
        raise


def replace_same_name(connection: duckdb.DuckDBPyConnection, entity: Entity, file: str) -> None:
    """Forget the rows that earlier files of the name `file` brought."""
    loads = _loads(connection, "entity = ? and file = ? and status = 'loaded'", entity.name, file)
    forget_rows(connection, entity, loads)
    for load in loads:
        connection.execute("update raw.loads set status = 'replaced' where load = ?", [load])


def forget_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, loads: Iterable[int]) -> None:
    """Take the rows of `loads` out of ``raw.<entity>``."""
    for load in loads:
        connection.execute(f"delete from raw.{entity.name} where _load = ?", [load])


def known_load(connection: duckdb.DuckDBPyConnection, entity: Entity, content: str) -> FileLoad | None:
    """The load that brought this content into `entity`; None where none did."""
    found = rows(
        connection, "select * from raw.loads where entity = ? and content = ? and status = 'loaded'",
        [entity.name, content],
    )  # fmt: skip
    return FileLoad(**found[0]) if found else None


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
