"""The files of the exports folder, and what is known of one before it is read."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity
from kpi_pipeline.contracts.file_names import SAMPLE_DIRT, SAMPLE_MANIFEST
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.archives import open_member
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.warehouse.connection import insert


@dataclass(frozen=True)
class Incoming:
    """A file on its way into one entity, as one layout reads it."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    entity: Entity
    layout: Layout
    path: Path
    name: str
    """Its path below the exports folder."""
    content: str
    """The SHA-256 of what is in it."""
    is_accepted: bool
    """Whether somebody said that it is right although it is much smaller than the last."""
    is_retried: bool
    """Whether it is to be read again if rows of it are in quarantine."""

    @property
    def unread(self) -> FileLoad:
        """Its line in the ledger, as far as it is known before the file is read."""
        layout = self.layout
        series = layout.stem_of(self.name) if self.entity.rows == "events" else layout.series_of(self.name)
        if self.entity.rows == "lines" and layout.row_key:
            series = ""  # without ids of lines, two files cannot each tell some lines of a document
        return FileLoad(
            self.entity.system, self.entity.name, layout.name, self.name, self.content, report=layout.edition,
            series=series, is_provisional=layout.is_provisional(self.name),
        )  # fmt: skip

    def date(self) -> dt.datetime | None:
        """The date that its name carries, if the layout says that it carries one.

        Raises:
            UnreadableFileError: the name carries something else in its place.
        """
        try:
            return self.layout.file_date(self.name)
        except ValueError as error:
            wanted = " or ".join(self.layout.patterns)
            raise UnreadableFileError(f"its name should carry a date as in {wanted}: {error}") from error


def exported_files(exports: Path, systems: Iterable[str]) -> list[Path]:
    """The files of the systems' folders, in order of name; hidden and half-copied ones are not there yet."""
    return sorted(
        path
        for system in systems
        for path in (exports / system).rglob("*")
        if path.is_file() and _is_there(path, exports)
    )


def stray_files(settings: Settings) -> list[Path]:
    """The files outside of all systems' folders that are read by nobody, in order of name."""
    exports = settings.exports
    folders = [exports / system for system in SYSTEMS]
    read_by_others = {exports / SAMPLE_MANIFEST, exports / SAMPLE_DIRT, settings.rates_file}
    # where capitals do not matter, CRM is the folder crm
    theirs = {
        path for path in exports.iterdir() if any(folder.exists() and path.samefile(folder) for folder in folders)
    }
    return sorted(
        path
        for top in exports.iterdir()
        if top not in theirs
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file() and _is_there(path, exports) and path.parent / path.name not in read_by_others
    )


def _is_there(path: Path, exports: Path) -> bool:
    name = path.name.lower()
    is_a_note = path.suffix.lower() == ".md" or name.partition(".")[0] == "readme"
    is_half_copied = path.suffix.lower() in {".part", ".tmp"}
    return not (is_a_note or is_half_copied) and not any(
        part.startswith(".") for part in path.relative_to(exports).parts
    )


class Contents:
    """The SHA-256 of each file; one whose size and times stand as they did is not read again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Know what an earlier ingest has written into the warehouse."""
        known = connection.execute("select file, size, modified_ns, changed_ns, content from raw.files").fetchall()
        self._known = {
            (name, size, modified, changed): str(content) for name, size, modified, changed, content in known
        }
        self._new: list[tuple[str, int, int, int, str]] = []

    def of(self, path: Path, name: str, member: str = "") -> str:
        """The content of the file called `name`, or of the `member` of the archive that it is.

        Raises:
            OSError: it cannot be opened.
        """
        stat = path.stat()
        seen = (name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if known := self._known.get(seen):
            return known
        with open_member(path, member) if member else path.open("rb") as stream:
            content = hashlib.file_digest(cast(io.BufferedIOBase, stream), "sha256").hexdigest()
        self._new.append((*seen, content))
        return content

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write down what was read, at the end and at once: without it, files are read again, and no more."""
        connection.execute("delete from raw.files where file in (select unnest(?))", [[name for name, *_ in self._new]])
        insert(connection, "raw.files", self._new)
