"""What may be wrong with a file as a whole, though its rows can be read."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from os import stat_result

from kpi_pipeline.contracts.layout import CanonicalLayout, FirstOf
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.columns import as_reported, base_header, columns_to_read, headers_of, written_as
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.warehouse.connection import literal

FILES_THAT_MAKE_A_HISTORY = 3
"""Loads of a layout before a file's size is compared with them."""

ALWAYS_BEARABLE = 1
"""Bad rows for which a file is not refused, however few rows it has, if most of them are good."""

FEW = 5
"""Bad rows for which a file is not refused if they are no more than twice the share that it may lose: of twenty rows,
a share is a matter of one row more or less."""

UNLIKE = 5
"""How many times smaller or larger than usual a file must be to be warned about."""


def check_headers(file: Incoming, reading: Reading) -> None:
    """Refuse a file that lacks a header without which its layout can not be read."""
    entity, layout = file.entity, file.layout
    for header in (*layout.leave_out, *layout.only):
        if not reading.is_sparse and base_header(header, reading.headers) not in reading.headers:
            raise UnreadableFileError(
                f"the column {header!r}, by which layout {layout.name} of {entity.name} tells its rows, is missing"
            )
    for name, header in layout.times.items():
        if not reading.is_sparse and base_header(header, reading.headers) not in reading.headers:
            raise UnreadableFileError(
                f"the column {header!r} is missing, by which {name} is multiplied; export it with that column"
            )
    optional = {column.name for column in entity.columns if not column.required}
    is_canonical = isinstance(layout, CanonicalLayout)
    for column in columns_to_read(entity, layout):
        # an optional value may be absent from every object of a JSON file, and an optional column from our own files
        may_be_absent = column.name in optional and (is_canonical or reading.is_sparse)
        is_alternative = isinstance(layout.columns.get(column.name), FirstOf)
        missing = [
            header
            for header in headers_of(column, layout)
            if base_header(header, reading.headers) not in reading.headers
        ]
        may_lack_all = column.name in optional or len(missing) < len(headers_of(column, layout))
        if not missing or may_be_absent or (is_alternative and may_lack_all):
            continue
        near = difflib.get_close_matches(missing[0], reading.headers, n=1, cutoff=0.6)
        hint = f"; the nearest is {near[0]!r}" if near else f"; it has {', '.join(reading.headers)}"
        raise UnreadableFileError(
            f"the column {missing[0]!r} is missing{hint}. Export it with that column, "
            f"or change layout {layout.name} of {entity.name}"
        )


def check_not_empty(file: Incoming, found: FileLoad) -> None:
    """Refuse a snapshot without rows."""
    if found.rows_of_entity == 0 and file.entity.rows == "snapshot":
        raise UnreadableFileError(f"it has a header but no row, and would empty {file.entity.name}; export it again")


def check_date_formats(file: Incoming) -> None:
    """Refuse a file whose dates are written day first in one row and month first in another: no row can be trusted."""
    for column in columns_to_read(file.entity, file.layout):
        written = written_as(column, file.layout)
        if not (written and "%d" in written and "%m" in written):
            continue
        swapped = written.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")
        found = file.connection.execute(
            f"select _given from bad_rows where _problem = {literal(column.name)} "
            f"and try_strptime(_given, {literal(swapped)}) is not null "
            # a date either way, and bad for its year
            f"and try_strptime(_given, {literal(written)}) is null order by _row limit 1"
        ).fetchone()
        if found:
            raise UnreadableFileError(
                f"its column {as_reported(column, file.layout)} mixes days and months: the layout says {written}, and "
                f"{found[0]!r} is a date only the other way round. Export it in one format"
            )


def check_is_finished(file: Incoming, before: stat_result) -> None:
    """Refuse a file that has changed while it was read: `before` is what it looked like then."""
    after = file.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFileError("it is still being written; it will be read again on the next run")


def too_many_bad_rows(file: Incoming, found: FileLoad) -> str:
    """Which limit the bad rows of a file exceed; empty where they do not, and the others can be loaded."""
    settings, entity = file.settings, file.entity
    share = settings.quarantine_max_share if entity.quarantine_max_share is None else entity.quarantine_max_share
    rows_limit = settings.quarantine_max_rows if entity.quarantine_max_rows is None else entity.quarantine_max_rows
    limit = min(share * found.rows_of_entity, rows_limit)
    # One bad row of few is no bad file, if most of its rows are good; but a snapshot's row that is missing is one gone.
    is_mostly_good = 2 * found.rows_quarantined < found.rows_of_entity
    if entity.rows != "snapshot" and is_mostly_good and share > 0:
        of_few = min(FEW, 2 * share * found.rows_of_entity)
        limit = max(limit, min(max(ALWAYS_BEARABLE, of_few), rows_limit))
    if found.rows_quarantined <= limit:
        return ""
    broken = f"{share:.0%} (KPI_QUARANTINE_MAX_SHARE)"
    if limit == rows_limit:
        broken = f"{rows_limit:,} (KPI_QUARANTINE_MAX_ROWS)"
    return f"{found.rows_quarantined:,} of its {found.rows_of_entity:,} rows cannot be loaded, more than {broken}"


def check_snapshot(file: Incoming, found: FileLoad) -> None:
    """Refuse a snapshot that is much smaller than the one before, until somebody says that it is right.

    The one before is so by the files' dates, where they have any: an old file that comes late replaces nothing.
    """
    if file.entity.rows != "snapshot" or file.is_accepted or found.rows_superseded:
        return
    before = file.connection.execute(
        "select rows_loaded, file from raw.loads where entity = ? and report = ? and status = 'loaded' "
        "and coalesce(version_at <= ?, true) order by version_at desc nulls last, load desc limit 1",
        [file.entity.name, found.report, found.version_at],
    ).fetchone()
    if before and found.rows_loaded < file.settings.snapshot_min_share * before[0]:
        raise UnreadableFileError(
            f"it has {found.rows_loaded:,} rows where {before[1]} had {before[0]:,}, and a snapshot is the whole of "
            f"{file.entity.name}. If it is right, say so: kpi ingest --accept {file.name}"
        )


def warnings_about(file: Incoming, found: FileLoad, unnamed: Sequence[str]) -> list[str]:
    """What is unlike the files that came before it.

    Args:
        file: the file.
        found: what it has.
        unnamed: its headers that the layout does not name.

    Raises:
        UnreadableFileError: it has new columns, and its layout is frozen.
    """
    warnings = []
    if new := _new_columns(file, unnamed):
        if file.layout.new_columns == "freeze":
            raise UnreadableFileError(
                f"it has new columns, {', '.join(new)}, and layout {file.layout.name} is frozen; add them to the layout"
            )
        warnings.append(f"it has columns that the files before it did not have: {', '.join(new)}")
    if unlike := _unlike_before(file, found.rows_read):
        warnings.append(unlike)
    return warnings


def _new_columns(file: Incoming, unnamed: Sequence[str]) -> list[str]:
    """Those of the `unnamed` headers that no earlier file of the layout had; none for its first file."""
    earlier = file.connection.execute(
        "select unnamed_columns from raw.loads where entity = ? and layout = ? and status <> 'refused'",
        [file.entity.name, file.layout.name],
    ).fetchall()
    known = {header for (headers,) in earlier for header in headers.split(", ")}
    return [header for header in unnamed if header not in known] if earlier else []


def _unlike_before(file: Incoming, rows_read: int) -> str:
    """A warning about a file far smaller or larger than the layout's files before it."""
    found = file.connection.execute(
        "select median(rows_read), count(*) from (select rows_read from raw.loads where entity = ? and layout = ? "
        "and status = 'loaded' order by load desc limit 10)",
        [file.entity.name, file.layout.name],
    ).fetchone()
    if not found or found[1] < FILES_THAT_MAKE_A_HISTORY or not found[0]:
        return ""
    usual = int(found[0])
    if usual / UNLIKE <= rows_read <= usual * UNLIKE:
        return ""
    return f"it has {rows_read:,} rows where the files before it had about {usual:,}"
