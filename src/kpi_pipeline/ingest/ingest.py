"""Ingest: every new file of the exports folder becomes typed rows of ``raw.<entity>``, once.

What cannot be typed goes to ``raw.quarantine`` with file, line, column and reason; a file that cannot be trusted as a
whole is refused, and the KPIs that depend on its entity are held until it is mended. ``raw.loads`` is the ledger:
content that it knows as loaded is not read again unless another state came in between, and every row of a file is
accounted for in ``raw.loads`` (docs/what-a-row-is.md).

The way of a file: `files` finds it, `claims` say whose it is, and `told` what to do where it is nobody's; `load`
carries it through an attempt of the `ledger`. There `formats` make it a relation, `rows` and `values` the SQL that
types it, and `ways` bring it into ``raw``; `bad_rows` finds the places of what is left over, and `quarantine` keeps it;
`checks` judge the file as a whole, `words` make those of closed columns ours, and `versions` and `editions` settle what
it replaces. `currencies` know what a file says of its money, `money` reads it, and `conversion` makes it money of the
reporting currency.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity, read_entities
from kpi_pipeline.contracts.rates import read_rates
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.ingest.claims import Claims, Exported, claims_on, exports_of, not_to_be_opened, settled, strays
from kpi_pipeline.ingest.conversion import register_rates
from kpi_pipeline.ingest.files import Contents, Incoming
from kpi_pipeline.ingest.ledger import FileLoad, own_load, write_status
from kpi_pipeline.ingest.load import load_file
from kpi_pipeline.ingest.told import LeftAlone, write_left_alone
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
    rates = read_rates(settings)
    report = IngestReport([], [])
    with locked(settings), connect(settings) as connection:
        register_calendar(connection)
        create_raw_tables(connection, [entity for entity in declared if entity.system in wanted])
        register_rates(connection, rates)
        contents = Contents(connection)
        for exported in exports_of(settings.exports, declared, wanted):
            claims = claims_on(exported.name, declared, wanted)
            try:
                done, alone = _take(
                    settings, connection, contents, exported, declared, claims,
                    is_accepted=exported.name in accept, is_retried=retry,
                )  # fmt: skip
            except OSError as error:
                done = list(_not_opened(exported.name, claims, error))
                alone = None if claims else not_to_be_opened(exported.name, error)
            report.files.extend(done)
            report.left_alone.extend([alone] if alone else [])
        contents.write(connection)
        report.left_alone.extend(strays(settings, declared))
        for each in report.left_alone:
            log.warning("%s: it is left alone: %s", each.file, each.reason)
        write_left_alone(connection, wanted, report.left_alone)
        write_status(connection, [entity for entity in declared if entity.system in wanted], report.files)
    return report


def _take(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contents: Contents,
    exported: Exported,
    declared: Sequence[Entity],
    claims: Claims,
    *,
    is_accepted: bool,
    is_retried: bool,
) -> tuple[list[FileLoad], LeftAlone | None]:
    """Load a file into each entity whose file it is, unless its content is known to all of them, or leave it alone.

    Raises:
        OSError: it cannot be opened.
    """
    name = exported.name
    content = contents.of(exported.path, name, exported.member) if claims else ""
    known = [(entity, own_load(connection, entity, name, content)) for entity, _ in claims]
    if known and not is_retried and all(load for _, load in known):
        return [
            FileLoad(entity.system, entity.name, load.layout, name, content, status="known")
            for entity, load in known
            if load
        ], None
    with exported.on_disk(settings.home / "scratch") as path:
        held, alone = settled(name, path, claims, declared)
        return [
            load_file(Incoming(settings, connection, entity, layout, path, name, content, is_accepted, is_retried))
            for entity, layout in held
        ], alone


def _not_opened(name: str, claims: Claims, error: OSError) -> Iterator[FileLoad]:
    """Refused, and not in the ledger: nobody knows its content."""
    reason = f"it cannot be opened: {error.strerror}"
    log.warning("%s: %s", name, reason)
    for entity, layouts in claims:
        yield FileLoad(entity.system, entity.name, layouts[0].name, name, status="refused", reason=reason)
