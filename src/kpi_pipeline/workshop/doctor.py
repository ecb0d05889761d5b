"""``kpi doctor``: what on this machine or in this configuration will not work, and how to mend it."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity, read_entities
from kpi_pipeline.contracts.kpi import read_registry
from kpi_pipeline.contracts.rates import ALWAYS, read_rates
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import ConfigurationError, PipelineError, first_line
from kpi_pipeline.ingest.claims import files_left_alone
from kpi_pipeline.release.store import current_release
from kpi_pipeline.warehouse.connection import connect

ROOM_FOR_A_NIGHT = 2 * 1024**3
"""Free bytes below which a night may not end: a warehouse, a release and DuckDB's scratch files."""

RATE_IS_OLD_AFTER_DAYS = 92
"""A rate that holds longer than a quarter has been forgotten."""


@dataclass(frozen=True)
class Symptom:
    """One thing that was looked at."""

    severity: Literal["fine", "note", "broken"]
    sentence: str


def examine(settings: Settings) -> list[Symptom]:
    """Look at everything that a night depends on; what is broken comes with how to mend it."""
    return [
        *_packages(),
        *_folders(settings),
        *_warehouse(settings),
        *_declarations(settings),
        *_rates(settings),
        *_calendar(settings),
        *_release(settings),
    ]


def pinned_duckdb() -> str:
    """The version with which the file format, the extensions and the drivers were tried: that of pyproject.toml."""
    required = importlib.metadata.requires("kpi-pipeline") or []
    return next(each.removeprefix("duckdb==") for each in required if each.startswith("duckdb=="))


def _packages() -> Iterator[Symptom]:
    pinned = pinned_duckdb()
    if duckdb.__version__ == pinned:
        yield Symptom("fine", f"duckdb {pinned}")
    else:
        yield Symptom("broken", f"duckdb is {duckdb.__version__}, not {pinned}: run `make setup`.")
    for package in ("apache-airflow", "dbt-core", "dbt-duckdb", "great-expectations", "duckdb-sqlalchemy"):
        try:
            yield Symptom("fine", f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Symptom("broken", f"{package} is not installed: run `make setup`.")


def _folders(settings: Settings) -> Iterator[Symptom]:
    if not settings.exports.is_dir():
        yield Symptom("broken", f"There is no exports folder at {settings.exports}: create it or set KPI_EXPORTS.")
    elif not os.access(settings.exports, os.R_OK | os.X_OK):
        yield Symptom("broken", f"The exports folder {settings.exports} cannot be read: give this user the right to.")
    else:
        missing = [system for system in SYSTEMS if not (settings.exports / system).is_dir()]
        yield Symptom("fine", f"exports are read from {settings.exports}")
        if missing:
            yield Symptom("note", f"{settings.exports} has no folder {', '.join(missing)}: that system sends nothing.")
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe, link = settings.home / ".doctor", settings.home / ".doctor-link"
        probe.write_text("", encoding="utf-8")
        link.unlink(missing_ok=True)
        link.symlink_to(probe.name)
        link.unlink()
        probe.unlink()
    except OSError as error:
        yield Symptom(
            "broken",
            f"KPI_HOME {settings.home} must take files and symlinks, and does not: {error.strerror}. "
            "Give this user the right to, or set KPI_HOME to a local disk.",
        )
        return
    free = shutil.disk_usage(settings.home).free
    words = f"{free / 1024**3:.1f} GB are free at {settings.home}"
    yield (
        Symptom("fine", words)
        if free > ROOM_FOR_A_NIGHT
        else Symptom(
            "broken",
            f"Only {words}; a night needs {ROOM_FOR_A_NIGHT / 1024**3:.0f} GB. Make room, or lower KPI_KEEP_RELEASES.",
        )
    )


def _warehouse(settings: Settings) -> Iterator[Symptom]:
    if not settings.warehouse.exists():
        yield Symptom("note", "There is no warehouse yet: the first `kpi run` makes it.")
        return
    try:
        with connect(settings, read_only=True) as connection:
            refused = connection.execute(
                # as it lies there now: what was refused under this name may have been mended since
                "select file, reason from raw.loads semi join raw.files using (file, content) "
                "where status = 'refused' order by file"
            ).fetchall()
            layouts = connection.execute(
                "select distinct entity, layout from raw.loads where status = 'loaded' and version_at is null"
            ).fetchall()
    except duckdb.Error as error:
        yield Symptom("note", f"The warehouse holds no exports yet: {first_line(error)}")
        return
    except PipelineError as error:
        yield Symptom("broken", str(error))
        return
    yield Symptom("fine", f"the warehouse {settings.warehouse} can be opened")
    for file, reason in refused:
        if (settings.exports / file).exists():
            yield Symptom("broken", f"{file} is refused: {reason}")
    entities = {entity.name: entity for entity in _entities_or_none(settings)}
    for name, layout in sorted(layouts):
        entity = entities.get(name)
        if entity and entity.rows != "events" and not _tells_newest(entity, layout):
            yield Symptom(
                "note",
                f"{name}: which row of a key is the newest depends on the order of loading, because layout {layout} "
                "has neither an updated_at column nor a date in its file names.",
            )


def _entities_or_none(settings: Settings) -> list[Entity]:
    try:
        return read_entities(settings.dbt_project, settings.layout_folders)
    except ConfigurationError:
        return []


def _tells_newest(entity: Entity, name: str) -> bool:
    layouts = [*entity.layouts, *entity.canonical_layouts]
    return any(
        layout.updated_at or all("{date:" in pattern for pattern in layout.patterns)
        for layout in layouts
        if layout.name == name
    )


def _declarations(settings: Settings) -> Iterator[Symptom]:
    try:
        entities = read_entities(settings.dbt_project, settings.layout_folders)
        kpis = read_registry(settings.kpi_models)
        targets = read_targets(settings.kpi_models, kpis)
    except ConfigurationError as error:
        yield from (Symptom("broken", line) for line in str(error).splitlines())
        return
    yield Symptom("fine", f"{len(entities)} exports, {len(kpis)} KPIs and {len(targets)} targets are declared")
    today = dt.date.today()
    for kpi in kpis:
        if kpi.review_by < today and not kpi.has_ended(today):
            yield Symptom("note", f"{kpi.name} was to be reviewed by {kpi.review_by}: ask {kpi.owner}.")
    if settings.exports.is_dir():
        for alone in files_left_alone(settings, entities):
            yield Symptom("note", f"{alone.file} is left alone: {alone.reason}.")


def _rates(settings: Settings) -> Iterator[Symptom]:
    """Whether the table of exchange rates can be read, and goes on."""
    if settings.rates_file is None:
        return  # a company of one currency needs none, and a row in another says that it is missing
    try:
        rates = [rate for rate in read_rates(settings) if rate.valid_from != ALWAYS]
    except ConfigurationError as error:
        yield from (Symptom("broken", line) for line in str(error).splitlines())
        return
    currencies = sorted({rate.currency for rate in rates})
    yield Symptom("fine", f"{settings.rates_file} has rates of {', '.join(currencies) or 'no currency'}")
    for rate in rates:
        if rate.until is None and (settings.yesterday() - rate.valid_from).days > RATE_IS_OLD_AFTER_DAYS:
            yield Symptom(
                "note",
                f"The last rate of {rate.currency} in {settings.rates_file} is of {rate.valid_from}, and converts all "
                "days since: add a newer one.",
            )


def _calendar(settings: Settings) -> Iterator[Symptom]:
    left = (settings.calendar_end - settings.yesterday()).days
    if left < 366:
        yield Symptom("broken", f"The calendar ends on {settings.calendar_end}: set KPI_CALENDAR_END to a later day.")
    else:
        yield Symptom("fine", f"the calendar goes from {settings.calendar_start} to {settings.calendar_end}")


def _release(settings: Settings) -> Iterator[Symptom]:
    try:
        release = current_release(settings)
    except PipelineError as error:
        yield Symptom("broken", str(error))
        return
    if release is None:
        yield Symptom("note", "Nothing is published yet: run `kpi run`.")
    elif release.held:
        yield Symptom("note", f"{len(release.held)} held back in {release.name}: `kpi status` says why.")
    else:
        yield Symptom("fine", f"release {release.name} is current, nothing is held back")
