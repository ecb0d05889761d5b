"""The sample company: a coffee roaster in Tehran and Berlin, made up, whose exports show every KPI.

`company` makes its tables and knows nothing of files; `writers` writes them and knows nothing of coffee.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.exports import SYSTEMS
from kpi_pipeline.sample.company import DEFAULT_ROWS, MINIMUM_ROWS, build_company, first_day, sample_entities
from kpi_pipeline.sample.writers import write_entity

__all__ = ["DEFAULT_AS_OF", "DEFAULT_ROWS", "MINIMUM_ROWS", "SampleReport", "build_company", "write_sample"]

log = logging.getLogger(__name__)

DEFAULT_AS_OF = dt.date(2026, 10, 31)
"""Fixed, so that two people who say `kpi sample` see the same numbers."""

DEFAULT_SEED = 1404

MANIFEST = "sample.json"
"""Beside the systems' folders: what was written, so that the next sample knows which files it may replace."""


@dataclass(frozen=True)
class SampleReport:
    """What was written."""

    to: Path
    first_day: dt.date
    as_of: dt.date
    seed: int
    files: list[str]
    """Paths below `to`, in order."""
    rows: dict[str, int]
    """Rows by entity."""

    @property
    def row_count(self) -> int:
        """Rows of all entities."""
        return sum(self.rows.values())


def write_sample(
    to: Path,
    *,
    rows: int | None = None,
    seed: int = DEFAULT_SEED,
    as_of: dt.date = DEFAULT_AS_OF,
    memory_limit: str = "2GB",
    threads: int = 2,
) -> SampleReport:
    """Write the sample company's exports into `to`: analytics/, crm/ and hr/.

    The same rows, seed and day give the same bytes, whatever the memory and the threads. A sample that was there before
    is replaced. Files appear complete, each by a rename.

    Args:
        to: a folder, made if need be.
        rows: web events, 200,000 where not given; the rest of the company is in proportion.
        seed: which company, any whole number.
        as_of: last day of the 24 months.
        memory_limit: what DuckDB may use, in its notation; beyond it, it writes to a temporary folder in `to`.
        threads: threads that DuckDB may use.

    Raises:
        ConfigurationError: an argument is out of range, or `to` holds exports that are no sample.
    """
    rows = DEFAULT_ROWS if rows is None else rows
    entities = sample_entities()
    try:
        to.mkdir(parents=True, exist_ok=True)
        earlier = _earlier_files(to)
        for left_behind in to.glob(".sample-*"):  # by a run that was killed
            shutil.rmtree(left_behind)
        with tempfile.TemporaryDirectory(dir=to, prefix=".sample-") as scratch:
            config: dict[str, Any] = {
                "memory_limit": memory_limit,
                "threads": threads,
                "temp_directory": f"{scratch}/spill",
            }
            with duckdb.connect(f"{scratch}/company.duckdb", config=config) as connection:
                build_company(connection, rows, seed, as_of, entities)
                counts: dict[str, int] = {}
                files: list[str] = []
                for entity in entities:
                    counted = connection.execute(f"select count(*) from {entity.name}").fetchone()
                    counts[entity.name] = int(counted[0]) if counted else 0
                    files += [path.as_posix() for path in write_entity(connection, entity, Path(scratch, "out"), as_of)]
                    log.info("%s: %s rows", entity.name, f"{counts[entity.name]:,}")
            files.sort()
            about = {"rows": rows, "seed": seed, "as_of": str(as_of), "first_day": str(first_day(as_of))}
            # first all names, old and new, so that a sample that was interrupted can still be told from real exports
            _write_manifest(to, about, sorted({*earlier, *files}))
            for file in sorted(set(earlier) - set(files)):
                (to / file).unlink(missing_ok=True)
            for file in files:
                (to / file).parent.mkdir(exist_ok=True)
                Path(scratch, "out", file).replace(to / file)
            _write_manifest(to, about, files)
    except OSError as error:
        raise ConfigurationError(f"The sample cannot be written to {to}: {error.strerror or error}.") from error
    return SampleReport(to, first_day(as_of), as_of, seed, files, counts)


def _earlier_files(to: Path) -> list[str]:
    """The files of an earlier sample in `to`.

    Raises:
        ConfigurationError: there are other files in the systems' folders.
    """
    manifest = to / MANIFEST
    try:
        earlier = set(json.loads(manifest.read_text(encoding="utf-8"))["files"]) if manifest.exists() else set()
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{manifest} is no list of a sample's files. Give a folder of its own.") from error
    found = {
        path.relative_to(to).as_posix()
        for system in SYSTEMS
        for path in (to / system).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    if foreign := sorted(found - earlier):
        raise ConfigurationError(
            f"{to} holds exports that are no sample ({foreign[0]}{' and others' if len(foreign) > 1 else ''}), and a "
            "made-up company must not be mixed with a real one. Give another folder with --to."
        )
    return sorted(earlier & found)


def _write_manifest(to: Path, about: dict[str, object], files: list[str]) -> None:
    text = json.dumps(about | {"files": files}, ensure_ascii=False, indent=1) + "\n"
    part = to / f".{MANIFEST}.part"
    part.write_text(text, encoding="utf-8")
    part.replace(to / MANIFEST)
