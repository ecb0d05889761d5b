"""``kpi layout FILE``: which layout fits a file, how each of its columns would be read, and a draft where none fits.

Nothing is loaded. The values are read as an ingest reads them, by a DuckDB that is gone afterwards.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from kpi_pipeline.contracts.export import SYSTEMS, Column, Entity, read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.spelling import fold
from kpi_pipeline.errors import ConfigurationError, PipelineError, first_line
from kpi_pipeline.ingest.business import business_calendar
from kpi_pipeline.ingest.columns import base_header, headers_of
from kpi_pipeline.ingest.fitting import Fit, described, fits
from kpi_pipeline.ingest.formats.opening import FORMATS, open_export
from kpi_pipeline.ingest.formats.unpacking import as_plain_file
from kpi_pipeline.ingest.look import Look, Table, look_at
from kpi_pipeline.ingest.nested import with_nested_values
from kpi_pipeline.ingest.rows import typed_rows
from kpi_pipeline.ingest.told import MOST_OF_A_LAYOUT, left_alone
from kpi_pipeline.ingest.values import register_calendar
from kpi_pipeline.warehouse.connection import literal, quoted
from kpi_pipeline.workshop.draft import FILL_IN, Draft, drafted
from kpi_pipeline.workshop.guessing import guessed_entity, vocabulary

VALUES_SHOWN = 3
ROWS_LOOKED_AT = 1_000
FITS_SHOWN = 3
LETTERS_SHOWN = 40


@dataclass(frozen=True)
class ReadColumn:
    """How a column would be read."""

    name: str
    headers: str
    """What it comes from; empty where nothing gives it a value."""
    values: tuple[str, ...]
    """Some of its values, as they stand in the file and as they are read."""
    is_required: bool


@dataclass(frozen=True)
class LayoutOfFile:
    """What is known about a file that somebody asks about."""

    what_it_is: str
    reads_it: str
    """The layout that reads it, or why it is left alone."""
    fits: tuple[str, ...]
    """The layouts that fit best, a sentence each."""
    by: str
    """What `columns` are read by; empty where nobody can say what the rows are."""
    columns: tuple[ReadColumn, ...]
    problem: str = ""
    """Why no value of it can be shown."""
    draft: Draft | None = None


def layout_of_file(settings: Settings, given: str, entity_name: str | None = None) -> LayoutOfFile:
    """Look at a file and say how it would be read.

    Args:
        settings: the company's settings.
        given: the file, as a path or below the exports folder.
        entity_name: what its rows are, if somebody knows it.

    Raises:
        ConfigurationError: there is no such file or entity, or it is in no format that is read.
    """
    path, name = _found(settings, given)
    entities = read_entities(settings.dbt_project, settings.layout_folders)
    names = sorted(entity.name for entity in entities)
    if entity_name and entity_name not in names:
        raise ConfigurationError(f"There is no entity {entity_name}; there are {', '.join(names)}.")
    look = look_at(path, name)
    if look.format is None or not look.headers:
        raise ConfigurationError(f"{given}: {look.problem or 'it has no row that could be a header'}.")
    candidates = [entity for entity in entities if entity_name in (None, entity.name)]
    found = fits(look, candidates)
    best = next((fit for fit in found if fit.is_whole and fit.layout.format == look.format), None)
    told = tuple(_sentence(fit, look) for fit in found[:FITS_SHOWN] if fit.share >= MOST_OF_A_LAYOUT)
    reads_it = _who_reads(name, path, look, entities)
    if best:
        columns, problem = _columns(settings, path, best.entity, best.layout)
        by = f"layout {best.layout.name} of {best.entity.name}"
        return LayoutOfFile(_what(look), reads_it, told, by, columns, problem)
    headers, rows = _header_and_rows(look)
    system = name.partition("/")[0]
    of_system = [entity for entity in candidates if entity.system == system] or candidates
    words = vocabulary(entities)
    entity = of_system[0] if entity_name else guessed_entity(of_system, headers, words)
    if entity is None:
        problem = f"None of its headers says what its rows are; say it with --entity, one of {', '.join(names)}"
        return LayoutOfFile(_what(look), reads_it, told, "", (), problem)
    draft = drafted(name, look, entity, headers, rows, words[entity.name])
    layout = Layout.model_validate(yaml.safe_load(draft.text)["layouts"][0])
    filled = {column: header for column, header in layout.columns.items() if header != FILL_IN}
    columns, problem = _columns(settings, path, entity, layout.model_copy(update={"columns": filled}))
    by = f"the draft, as {entity.name}" + ("" if entity_name else " (a guess; --entity says what its rows are)")
    return LayoutOfFile(_what(look), reads_it, told, by, columns, problem, draft)


def lines_of(found: LayoutOfFile) -> Iterator[str]:
    """What was found, for a terminal; without the draft."""
    yield found.what_it_is
    yield found.reads_it
    yield from (f"  {sentence}" for sentence in found.fits)
    yield ""
    if not found.by:
        yield f"{found.problem}."
        return
    yield f"Read by {found.by}:"
    if found.problem:
        yield f"  it cannot be read so: {found.problem}"
    for column in found.columns:
        if column.headers:
            yield f"  {column.name} ← {column.headers}: {', '.join(column.values) or 'empty'}"
    if nothing := [column for column in found.columns if not column.headers]:
        needed = [column.name for column in nothing if column.is_required]
        yield f"  nothing for {', '.join(column.name for column in nothing)}"
        if needed:
            yield f"  of these it needs {', '.join(needed)}"


def write_draft(draft: Draft, to: Path) -> None:
    """Write the draft as a file of its own.

    Raises:
        ConfigurationError: there is a file already, and it may be somebody's work.
    """
    if to.exists():
        raise ConfigurationError(f"{to} exists already; name another file, or take it away.")
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(draft.text, encoding="utf-8")


def _found(settings: Settings, given: str) -> tuple[Path, str]:
    """The file, and what it is called below the exports folder."""
    for path in (Path(given), settings.exports / given):
        if path.is_file():
            absolute = path.absolute()
            is_inside = absolute.is_relative_to(settings.exports)
            return absolute, absolute.relative_to(settings.exports).as_posix() if is_inside else path.name
    raise ConfigurationError(f"There is no file {given}, neither here nor in {settings.exports}.")


def _what(look: Look) -> str:
    header, _ = _header_and_rows(look)
    table = _table(look)
    details = [f"{len(header)} columns"]
    if table.delimiter and look.format == "csv":
        details.append(f"delimiter {'tab' if table.delimiter == chr(9) else table.delimiter}")
    if len(look.tables) > 1 and table.sheet:
        details.append(f"sheet {table.sheet} of {', '.join(str(each.sheet) for each in look.tables)}")
    if look.encoding != "utf-8":
        details.append(look.encoding)
    return f"It is {look.format}: {', '.join(details)}."


def _table(look: Look) -> Table:
    return max(look.tables, key=lambda table: len(table.records[table.header_row()]))


def _header_and_rows(look: Look) -> tuple[list[str], list[list[str]]]:
    table = _table(look)
    number = table.header_row()
    headers = [name.strip() for name in table.records[number]]
    return list(dict.fromkeys(name for name in headers if name)), _aligned(headers, table.records[number + 1 :])


def _aligned(headers: Sequence[str], records: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with the columns of names only, the first of each name."""
    positions = [headers.index(name) for name in dict.fromkeys(name for name in headers if name)]
    return [[record[position] if position < len(record) else "" for position in positions] for record in records]


def _who_reads(name: str, path: Path, look: Look, entities: Sequence[Entity]) -> str:
    by = [f"{layouts[0].name} of {entity.name}" for entity in entities if (layouts := entity.layouts_of(name))]
    if by:
        return f"By its name it is read by {' and '.join(by)}."
    if name.partition("/")[0] not in SYSTEMS:
        return "It lies in no system's folder; nobody reads it there."
    return f"Nobody reads it under this name: {left_alone(name, path, entities, look=look).reason}."


def _sentence(fit: Fit, look: Look) -> str:
    there = len(fit.needed) - len(fit.missing)
    other = "" if fit.layout.format == look.format else f"; it is for {fit.layout.format}"
    missing = f"; missing are {', '.join(fit.missing)}" if fit.missing else ""
    return f"{described(fit)}: {there} of {len(fit.needed)} headers{missing}{other}"


def _columns(settings: Settings, path: Path, entity: Entity, layout: Layout) -> tuple[tuple[ReadColumn, ...], str]:
    """How each column is read; and what stands in the way, where no value can be."""
    try:
        with duckdb.connect() as connection, tempfile.TemporaryDirectory(prefix="kpi-layout-") as scratch:
            return tuple(_read(settings, connection, path, entity, layout, Path(scratch))), ""
    except (PipelineError, duckdb.Error) as error:
        named = tuple(
            ReadColumn(column.name, " and ".join(headers_of(column, layout)), (), column.required)
            for column in entity.columns
        )
        return named, first_line(error)


def _read(
    settings: Settings, connection: duckdb.DuckDBPyConnection, path: Path, entity: Entity, layout: Layout, scratch: Path
) -> Iterator[ReadColumn]:
    register_calendar(connection)
    connection.execute(f"set TimeZone = {literal(layout.timezone or settings.timezone)}")
    with as_plain_file(path, layout, FORMATS[layout.format], scratch) as plain:
        reading = open_export(connection, plain, layout)
    sql = typed_rows(entity, layout, reading, "", business_calendar(settings), is_converted=False)
    names = ", ".join(f"cast({quoted(column.name)} as text)" for column in entity.columns)
    rows = connection.execute(f"select _row, _problem, {names} from ({sql}) order by _row limit {ROWS_LOOKED_AT}")
    typed = {row[0]: row[1:] for row in rows.fetchall()}
    raw = f"(select * from {with_nested_values(layout, reading)})"
    for position, column in enumerate(entity.columns, start=1):
        headers = [each for each in headers_of(column, layout) if base_header(each, reading.headers) in reading.headers]
        if not headers:
            constant = layout.constants.get(column.name, "")
            source = "a constant" if constant else "the row's hash" if column.name == layout.row_key else ""
            yield ReadColumn(column.name, source, (constant,) if constant else (), column.required)
            continue
        texts = ", ".join(f"cast({quoted(header)} as text)" for header in headers)
        given = connection.execute(
            f"select _row, concat_ws(' | ', {texts}) from {raw} order by _row limit {ROWS_LOOKED_AT}"
        )
        shown: dict[str, str] = {}
        for number, text in given.fetchall():
            if text and number in typed and len(shown) < VALUES_SHOWN:
                shown.setdefault(text, _shown(text, typed[number][position], typed[number][0] == column.name, column))
        yield ReadColumn(column.name, " and ".join(headers), tuple(shown.values()), column.required)


def _shown(given: str, read: str | None, is_bad: bool, column: Column) -> str:
    """A value as it stands in the file and, where that is another text, as it is read."""
    if read is not None and column.words:
        spelled = {fold(each): word for word, others in column.words.items() for each in (word, *others)}
        read = spelled.get(fold(read), f"{read} (nobody knows this word)")
    if read is None and not is_bad:
        return f"{_short(given)} → empty"
    if is_bad or read is None:
        return f"{_short(given)} → no {column.data_type}"
    return _short(given) if read == given else f"{_short(given)} → {_short(read)}"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LETTERS_SHOWN else plain[: LETTERS_SHOWN - 1] + "…"
