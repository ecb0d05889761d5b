"""The sample company: a coffee roaster in Tehran and Berlin, made up, whose exports show every KPI.

`company` makes its tables and knows nothing of files. `writers` writes them in our own columns, `tools` in the shapes
of real tools, with what goes wrong in exports as `dirt` plants it; `files` knows encodings and packing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
import shutil
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity
from kpi_pipeline.contracts.file_names import SAMPLE_DIRT, SAMPLE_MANIFEST
from kpi_pipeline.contracts.rates import TABLE
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import literal
from kpi_sample.company import DEFAULT_ROWS, MINIMUM_ROWS, build_company, first_day, sample_entities
from kpi_sample.dirt.kinds import Planted
from kpi_sample.dirt.planting import finish_text, of_part, soil_cells, soil_parquet
from kpi_sample.files import Dressing, Workbook, workbook_bytes
from kpi_sample.tools import (
    OWN_DRESSING,
    Export,
    Part,
    cells_of,
    exports_of,
    parts_of,
    prepare_tools,
    rest_of,
    write_plain,
)
from kpi_sample.writers import write_entity

__all__ = ["DEFAULT_AS_OF", "DEFAULT_ROWS", "MINIMUM_ROWS", "SampleReport", "build_company", "write_sample"]

log = logging.getLogger(__name__)

DEFAULT_AS_OF = dt.date(2026, 10, 31)
"""Fixed, so that two people who say `kpi sample` see the same numbers."""

DEFAULT_SEED = 1404

MANIFEST = SAMPLE_MANIFEST
"""Beside the systems' folders: what was written, so that the next sample knows which files it may replace."""

PLANTED = SAMPLE_DIRT
"""Beside it: file, sheet, line, entity and column of each row that was planted, what is wrong with it, and what must
become of it. It is what `raw.quarantine` has to say after an ingest, no more and no less."""


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
    """Rows of the company by entity; what was planted is not among them."""
    planted: list[Planted]
    """What was planted, by file and line."""

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
    layouts: Literal["tools", "canonical"] = "tools",
    is_clean: bool = False,
    memory_limit: str = "2GB",
    threads: int = 2,
) -> SampleReport:
    """Write the sample company's exports into `to`: analytics/, crm/ and hr/, and its exchange rates beside them.

    The same rows, seed and day give the same bytes, whatever the memory and the threads. A sample that was there before
    is replaced. Files appear complete, each by a rename.

    Args:
        to: a folder, made if need be.
        rows: web events, 200,000 where not given; the rest of the company is in proportion.
        seed: which company, any whole number.
        as_of: last day of the 24 months.
        layouts: ``tools`` for the files of real tools, ``canonical`` for our own columns alone, with nothing planted.
        is_clean: whether to leave out the bad rows that are planted among the good ones.
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
                counts = {
                    entity.name: int(connection.execute(f"select count(*) from {entity.name}").fetchall()[0][0])
                    for entity in entities
                }
                writer = _Writer(connection, Path(scratch), as_of, layouts == "tools" and not is_clean)
                if layouts == "tools":
                    prepare_tools(connection, as_of)
                for entity in entities:
                    if layouts == "tools":
                        writer.write_as_tools_do(entity)
                    else:
                        writer.write_in_our_columns(entity, "true")
                    log.info("%s: %s rows", entity.name, f"{counts[entity.name]:,}")
                rates = Path(scratch, TABLE)
                if layouts == "tools":
                    written = "rtrim(rtrim(cast(rate as varchar), '0'), '.') as rate"
                    select = f"select currency, valid_from, {written} from rates order by all"
                    connection.execute(f"copy ({select}) to {literal(str(rates))} (header)")
            files = writer.files
            files.sort()
            planted = sorted(writer.planted, key=lambda place: (place.file, place.sheet, place.line, place.entity))
            about = {"rows": rows, "seed": seed, "as_of": str(as_of), "first_day": str(first_day(as_of))}
            about |= {"layouts": layouts, "is_clean": not writer.is_soiled}
            # first all names, old and new, so that a sample that was interrupted can still be told from real exports
            _write_manifest(to, about, sorted({*earlier, *files}))
            for file in sorted(set(earlier) - set(files)):
                (to / file).unlink(missing_ok=True)
            _write_planted(to, planted)
            if rates.exists():
                rates.replace(to / TABLE)
            else:
                (to / TABLE).unlink(missing_ok=True)
            for file in files:
                (to / file).parent.mkdir(exist_ok=True)
                Path(scratch, "out", file).replace(to / file)
            _write_manifest(to, about, files)
    except OSError as error:
        raise ConfigurationError(f"The sample cannot be written to {to}: {error.strerror or error}.") from error
    return SampleReport(to, first_day(as_of), as_of, seed, files, counts, planted)


class _Writer:
    """Writes the company, entity by entity, into the folder ``out`` of its scratch folder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path, as_of: dt.date, is_soiled: bool) -> None:
        self._connection = connection
        self._out = scratch / "out"
        self._plain = scratch / "plain"
        self._as_of = as_of
        self.is_soiled = is_soiled
        self.files: list[str] = []
        self.planted: list[Planted] = []

    def write_in_our_columns(self, entity: Entity, rows: str) -> None:
        """The rows of `entity` for which the condition `rows` holds."""
        self.files += [path.as_posix() for path in write_entity(self._connection, entity, self._out, self._as_of, rows)]

    def write_as_tools_do(self, entity: Entity) -> None:
        """The rows of `entity` in their tools' shapes, and the rest in our own columns."""
        for export in exports_of(entity):
            parts = parts_of(self._connection, export, self._as_of, first_day(self._as_of))
            for number, part in enumerate(parts):
                self._write_part(export, part, number, len(parts))
        rest = rest_of(entity)
        if not self._connection.execute(f"select 1 from {entity.name} where {rest} limit 1").fetchone():
            return
        paths = list(write_entity(self._connection, entity, self._plain, self._as_of, rest))
        for number, path in enumerate(paths):
            dressing = OWN_DRESSING.get(entity.name, Dressing())
            self._finish(path.as_posix(), self._plain / path, entity.name, dressing, (), 1.0, number, len(paths))

    def _write_part(self, export: Export, part: Part, number: int, parts: int) -> None:
        if isinstance(export.dressing, Workbook):
            target = self._target(part.file)
            cells = cells_of(self._connection, part)
            if self.is_soiled:
                dirt = of_part(export.layout, number, parts)
                cells, planted = soil_cells(part.file, cells, export.dressing, dirt)
                self.planted += planted
            target.write_bytes(workbook_bytes(export.dressing, cells))
            self.files.append(part.file)
            return
        plain = self._plain / f"rows.{export.format}"
        plain.parent.mkdir(parents=True, exist_ok=True)
        write_plain(self._connection, part, plain)
        before = tuple(line.format(first=part.first, last=part.last) for line in export.dressing.before)
        share = export.smallest_share
        name = "" if export.is_earlier else export.layout
        self._finish(part.file, plain, name, export.dressing, before, share, number, parts)

    def _finish(
        self,
        file: str,
        plain: Path,
        name: str,
        dressing: Dressing,
        before: tuple[str, ...],
        share: float,
        number: int,
        parts: int,
    ) -> None:
        target = self._target(file)
        dirt = of_part(name, number, parts) if self.is_soiled else []
        if plain.suffix == target.suffix and not dirt and not before and dressing == Dressing():
            plain.replace(target)
        elif target.suffix == ".parquet":
            self.planted += soil_parquet(self._connection, plain, target, file, dirt)
        else:
            self.planted += finish_text(plain, target, file, dressing, before, dirt, share)
        plain.unlink(missing_ok=True)
        self.files.append(file)

    def _target(self, file: str) -> Path:
        target = self._out / file
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _write_planted(to: Path, planted: list[Planted]) -> None:
    if not planted:
        (to / PLANTED).unlink(missing_ok=True)
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Planted))
    writer.writerows(astuple(place) for place in planted)
    part = to / f".{PLANTED}.part"
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(to / PLANTED)


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
    if (to / TABLE).exists() and not manifest.exists():
        found.add(TABLE)
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
