"""Ingest: every new file of the exports folder becomes typed rows of ``raw.<entity>``, once.

What cannot be typed goes to ``raw.quarantine`` with file, line, column and reason; a file that cannot be trusted as a
whole is refused, and the KPIs that depend on its entity are held until it is mended. ``raw.loads`` is the ledger:
content that it knows as loaded is not read again, whatever the file is called, and of every file
``rows_read = rows_loaded + rows_repeated + rows_quarantined + rows_refused``.

The way of a file: `files` finds it, `load` carries it through an attempt of the `ledger`. There `formats` make it a
relation, `rows` and `values` the SQL that types it, and `ways` bring it into ``raw``; `bad_rows` finds the places of
what is left over, and `quarantine` keeps it; `checks` judge the file as a whole, `words` make those of closed columns
ours, and `versions` settle what it replaces.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity, read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.ingest.archives import members_of, unpacked_member
from kpi_pipeline.ingest.files import Incoming, content_of, exported_files, stray_files
from kpi_pipeline.ingest.fitting import chosen
from kpi_pipeline.ingest.ledger import FileLoad, known_load, write_status
from kpi_pipeline.ingest.load import load_file
from kpi_pipeline.ingest.look import Look, look_at
from kpi_pipeline.ingest.told import LeftAlone, left_alone, write_left_alone
from kpi_pipeline.ingest.values import register_calendar
from kpi_pipeline.warehouse.connection import connect, locked
from kpi_pipeline.warehouse.schema import create_raw_tables

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did: a line per file and entity, and the files that nobody reads.

    Every file below the exports folder is in one of the two, but for hidden and half-copied ones and notes (.md).
    """

    files: list[FileLoad]
    left_alone: list[LeftAlone]

    @property
    def refused(self) -> list[FileLoad]:
        """Files that were refused whole."""
        return [file for file in self.files if file.status == "refused"]

    @property
    def unclaimed(self) -> list[str]:
        """The names of the files that nobody reads."""
        return [file.file for file in self.left_alone]

    @property
    def is_in_vain(self) -> bool:
        """Whether no file was loaded, now or before: there is nothing that a number could come from."""
        return not any(file.status in ("loaded", "known") for file in self.files)


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
    report = IngestReport([], [])
    with locked(settings), connect(settings) as connection:
        register_calendar(connection)
        create_raw_tables(connection, [entity for entity in declared if entity.system in wanted])
        night = _Night(settings, connection, declared, wanted, tuple(accept), retry, report)
        for exported in exports_of(settings, declared, wanted):
            night.take(exported)
        for path in stray_files(settings.exports):
            name = path.relative_to(settings.exports).as_posix()
            night.leave(left_alone(name, path, declared))
        write_left_alone(connection, wanted, report.left_alone)
        write_status(connection, [entity for entity in declared if entity.system in wanted], report.files)
    return report


@dataclass(frozen=True)
class Exported:
    """A file of the exports folder, or one in an archive there."""

    name: str
    """Its path below the exports folder, through the archive."""
    path: Path
    """The file, or the archive."""
    member: str = ""
    """What it is called in the archive."""


def exports_of(settings: Settings, entities: Sequence[Entity], systems: Sequence[str]) -> Iterator[Exported]:
    """The files of the systems' folders, and in place of an archive what is in it.

    An archive of one file under a name that says what is in it (``orders.csv.zip``) is a packed file, and no archive.
    """
    for path in exported_files(settings.exports, systems):
        name = path.relative_to(settings.exports).as_posix()
        members = members_of(path) if path.suffix.lower() == ".zip" else []
        if not members or (len(members) == 1 and any(entity.layouts_of(name) for entity in entities)):
            yield Exported(name, path)
        else:
            yield from (Exported(f"{name}/{member}", path, member) for member in members)


@dataclass(frozen=True)
class _Night:
    """One ingest, on its way through the files."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    declared: Sequence[Entity]
    systems: Sequence[str]
    accept: Sequence[str]
    retry: bool
    report: IngestReport

    def take(self, exported: Exported) -> None:
        """Load a file into each entity whose file it is, or leave it alone."""
        name = exported.name
        claims = [
            (entity, layouts)
            for entity in self.declared
            if entity.system in self.systems and (layouts := entity.layouts_of(name))
        ]
        try:
            content = content_of(self.connection, exported.path, name, exported.member) if claims else ""
            if claims and not self.retry and (known := self._known(exported, claims, content)):
                self.report.files.extend(known)
                return
            scratch = self.settings.home / "scratch"
            with (
                unpacked_member(exported.path, exported.member, scratch)
                if exported.member
                else contextlib.nullcontext(exported.path)
            ) as path:
                self._load(name, path, claims, content)
        except OSError as error:
            if claims:
                self.report.files.extend(_not_opened(name, claims, error))
            else:
                self.leave(LeftAlone(name, name.partition("/")[0], f"it cannot be opened: {error.strerror}"))

    def leave(self, alone: LeftAlone) -> None:
        """Leave a file alone, and say so."""
        self.report.left_alone.append(alone)
        log.warning("%s: it is left alone: %s", alone.file, alone.reason)

    def _known(
        self, exported: Exported, claims: Sequence[tuple[Entity, Sequence[Layout]]], content: str
    ) -> list[FileLoad]:
        """What is known of a file whose content was loaded before, for all that claim it; else nothing."""
        known = [(entity, known_load(self.connection, entity, content)) for entity, _ in claims]
        if not all(load for _, load in known):
            return []
        return [
            FileLoad(entity.system, entity.name, load.layout, exported.name, content, status="known")
            for entity, load in known
            if load
        ]

    def _load(self, name: str, path: Path, claims: Sequence[tuple[Entity, Sequence[Layout]]], content: str) -> None:
        look: Look | None = None
        taken = 0
        for entity, layouts in claims:
            layout: Layout | None = layouts[0]
            if len(layouts) > 1 or layouts[0] in entity.canonical_layouts:
                look = look or look_at(path, name)
                layout = chosen(entity, layouts, look, self.declared)
            if layout:
                taken += 1
                file = Incoming(
                    self.settings, self.connection, entity, layout, path, name, content, name in self.accept, self.retry
                )
                self.report.files.append(load_file(file))
        if not taken:
            claimed_by = claims[0][0] if claims else None
            self.leave(left_alone(name, path, self.declared, claimed_by=claimed_by, look=look))


def _not_opened(name: str, claims: Iterable[tuple[Entity, Sequence[Layout]]], error: OSError) -> Iterator[FileLoad]:
    """Refused, and not in the ledger: nobody knows its content."""
    reason = f"it cannot be opened: {error.strerror}"
    log.warning("%s: %s", name, reason)
    for entity, layouts in claims:
        yield FileLoad(entity.system, entity.name, layouts[0].name, name, status="refused", reason=reason)
