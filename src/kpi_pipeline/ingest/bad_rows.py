"""The rows of a file that cannot be loaded, as a person needs them: where they stand, why, and what is written there.

Values are parsed by DuckDB, in C++ and once; the places are looked up afterwards, and for bad rows only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kpi_pipeline.contracts.export import Column, Entity
from kpi_pipeline.ingest.columns import as_reported, columns_to_read
from kpi_pipeline.ingest.conversion import why_not_converted
from kpi_pipeline.ingest.currencies import NO_CURRENCY, NO_RATE
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS
from kpi_pipeline.ingest.formats.reading import BadLine, Place
from kpi_pipeline.ingest.quarantine import QuarantinedRow
from kpi_pipeline.ingest.reasons import why_not
from kpi_pipeline.ingest.versions import CONFLICT


def located_bad_rows(file: Incoming, plain: Path, bad_lines: Sequence[BadLine], limit: int) -> list[QuarantinedRow]:
    """The first `limit` rows of a file that cannot be loaded, by line: its lines that are no rows, and ``bad_rows``."""
    entity, layout = file.entity, file.layout
    columns = {column.name: column for column in columns_to_read(entity, layout)}
    found = file.connection.execute(
        "select _row, _problem, _given from bad_rows order by _row limit ?", [limit]
    ).fetchall()
    places = FORMATS[layout.format].locate(plain, layout, [row for row, *_ in found], bad_lines) if found else {}
    records = [
        QuarantinedRow(file.name, entity.name, bad.line, None, bad.reason, bad.raw_text) for bad in bad_lines[:limit]
    ]
    lines = {row: place.line for row, place in places.items()}
    for row, problem, given in found:
        place = places.get(row) or Place(row, "")
        if problem == CONFLICT:
            others = [lines.get(other, other) for other, what, told in found if (what, told) == (problem, given)]
            reported, reason = None, _contradicted(entity, given, others)
        else:
            reported, reason = _column_and_reason(file, columns, problem, given)
        if place.part:
            reason = f"{reason} ({place.part})"
        records.append(QuarantinedRow(file.name, entity.name, place.line, reported, reason, place.raw_text))
    return sorted(records, key=lambda record: record.line)[:limit]


def _contradicted(entity: Entity, key: str, lines: Sequence[int]) -> str:
    return (
        f"{' and '.join(entity.key)} {key!r} stands in lines {', '.join(map(str, sorted(lines)))} with different "
        "values, and nothing says which is newer: none of them is loaded. Leave the right one, or export with the "
        "moment of the last change and name its column in the layout under updated_at"
    )


def _column_and_reason(
    file: Incoming, columns: Mapping[str, Column], problem: str, given: str | None
) -> tuple[str | None, str]:
    """The column that makes a row bad, as people know it, and why."""
    if problem in (NO_CURRENCY, NO_RATE):
        return why_not_converted(problem, given or "", file.settings)
    column = columns[problem]
    return as_reported(column, file.layout), why_not(given, column, file.layout, file.settings)
