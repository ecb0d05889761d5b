"""Ingest: every new file of the exports folder becomes typed rows of ``raw.<entity>``, once.

What cannot be typed goes to ``raw.quarantine`` with file, line, column and reason; a file that cannot be trusted as a
whole is refused, and the KPIs that depend on its entity are held until it is mended. ``raw.loads`` is the ledger:
content that it knows as loaded is not read again, whatever the file is called, and of every file
``rows_read = rows_loaded + rows_repeated + rows_quarantined + rows_refused``.

The way of a file: `files` finds it, `load` carries it through an attempt of the `ledger`. There `formats` make it a
relation, `rows` and `values` the SQL that types it, and `ways` bring it into ``raw``; `bad_rows` finds the places of
what is left over, and `quarantine` keeps it; `checks` judge the file as a whole, `words` make those of closed columns
ours, and `versions` settle what it replaces. `currencies` know what a file says of its money, `money` reads it, and
`conversion` makes it money of the reporting currency.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kpi_pipeline.contracts.export import SYSTEMS, Entity, read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.rates import read_rates
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.ingest.conversion import register_rates
from kpi_pipeline.ingest.files import Incoming, content_of, exported_files
from kpi_pipeline.ingest.ledger import FileLoad, write_status
from kpi_pipeline.ingest.load import load_file
from kpi_pipeline.ingest.values import register_calendar
from kpi_pipeline.warehouse.connection import connect, locked
from kpi_pipeline.warehouse.schema import create_raw_tables

log = logging.getLogger(__name__)


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
    rates = read_rates(settings)
    entities = [entity for entity in declared if entity.system in wanted]
    report = IngestReport([], [])
    with locked(settings), connect(settings) as connection:
        register_calendar(connection)
        create_raw_tables(connection, entities)
        register_rates(connection, rates)
        for path in exported_files(settings.exports, wanted):
            name = path.relative_to(settings.exports).as_posix()
            claims = [(entity, layout) for entity in entities if (layout := entity.layout_of(name))]
            if not claims:
                report.unclaimed.append(name)
                log.warning("%s: no layout reads this file; it is left alone", name)
                continue
            try:
                content = content_of(connection, path, name)
            except OSError as error:
                report.files.extend(_not_opened(name, claims, error))
                continue
            for entity, layout in claims:
                file = Incoming(settings, connection, entity, layout, path, name, content, name in accept, retry)
                report.files.append(load_file(file))
        write_status(connection, entities, report.files)
    return report


def _not_opened(name: str, claims: Iterable[tuple[Entity, Layout]], error: OSError) -> Iterator[FileLoad]:
    """Refused, and not in the ledger: nobody knows its content."""
    reason = f"it cannot be opened: {error.strerror}"
    log.warning("%s: %s", name, reason)
    for entity, layout in claims:
        yield FileLoad(entity.system, entity.name, layout.name, name, status="refused", reason=reason)
