"""One file into one entity: all of it and its line in the ledger, or nothing."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from os import stat_result
from pathlib import Path

from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.bad_rows import located_bad_rows
from kpi_pipeline.ingest.checks import (
    check_date_formats,
    check_is_finished,
    check_not_empty,
    check_snapshot,
    too_many_bad_rows,
    warnings_about,
)
from kpi_pipeline.ingest.columns import unnamed_headers
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS
from kpi_pipeline.ingest.formats.unpacking import as_plain_file
from kpi_pipeline.ingest.ledger import FileLoad, attempt, known_load, write_load
from kpi_pipeline.ingest.left_out import about_left_out, is_mostly_left_out
from kpi_pipeline.ingest.quarantine import QuarantinedRow, write_quarantine
from kpi_pipeline.ingest.signs import signs_in
from kpi_pipeline.ingest.versions import settle_versions
from kpi_pipeline.ingest.ways import AsksForMoreError, Typed, Way, first_way
from kpi_pipeline.ingest.words import settle_words
from kpi_pipeline.warehouse.connection import count, literal

log = logging.getLogger(__name__)

QUARANTINED_OF_REFUSED = 100
"""Rows that quarantine keeps of a file that was refused whole: enough to see what is wrong with it."""


class _TooManyBadRowsError(UnreadableFileError):
    """The file can be read, and is refused for its bad rows."""

    def __init__(self, refused: FileLoad, bad: Sequence[QuarantinedRow]) -> None:
        super().__init__(refused.reason)
        self.refused = refused
        self.bad = bad


def load_file(file: Incoming) -> FileLoad:
    """Load the file, unless its content is known, and say in the log what became of it."""
    known = known_load(file.connection, file.entity, file.content)
    if known and not (file.is_retried and known.rows_quarantined):
        return replace(file.unread, status="known")
    with _time_zone_of(file):
        try:
            done = _load_by_the_cheapest_way(file)
        except _TooManyBadRowsError as refusal:
            done = _write_refused(file, refusal.refused, refusal.bad)
        except UnreadableFileError as refusal:
            if known:
                log.warning("%s: still as it was, it cannot be read again: %s", file.name, refusal)
                return replace(file.unread, status="known", reason=str(refusal))
            done = _write_refused(file, replace(file.unread, status="refused", reason=str(refusal)))
    _tell(done)
    return done


@contextlib.contextmanager
def _time_zone_of(file: Incoming) -> Iterator[None]:
    """The session's time zone is the layout's: it applies to values without an offset, and only to them.

    Around the attempts, because a transaction that failed takes no statement but its rollback.
    """
    file.connection.execute(f"set TimeZone = {literal(file.layout.timezone or file.settings.timezone)}")
    try:
        yield
    finally:
        file.connection.execute("set TimeZone = 'UTC'")


def _load_by_the_cheapest_way(file: Incoming) -> FileLoad:
    """Try the ways in turn, each in an attempt of its own.

    Raises:
        UnreadableFileError: the file is to be refused.
    """
    before = file.path.stat()
    file.date()  # a file is refused for its name before it is opened
    scratch = file.settings.home / "scratch"
    with as_plain_file(file.path, file.layout, FORMATS[file.layout.format], scratch) as plain:
        way = first_way(file, plain)
        while True:
            try:
                return _load_by(way, file, plain, before)
            except AsksForMoreError as more:
                log.debug("%s: not this way: %s", file.name, more)
                way = more.way


def _load_by(way: Way, file: Incoming, plain: Path, before: stat_result) -> FileLoad:
    """One attempt.

    Raises:
        AsksForMoreError: another way is to be tried.
        UnreadableFileError: the file is to be refused.
    """
    with attempt(file.connection, file.entity, file.content) as number:
        typed = way(number)
        unnamed = unnamed_headers(file.layout, typed.reading.headers)
        found = _counted(file, typed, unnamed)
        check_not_empty(file, found)
        check_date_formats(file)
        signs = signs_in(file, typed.reading)
        refusal = too_many_bad_rows(file, found)
        kept = QUARANTINED_OF_REFUSED if refusal else found.rows_quarantined
        bad = located_bad_rows(file, plain, typed.reading.bad_lines, kept)
        check_is_finished(file, before)
        if refusal:
            raise _TooManyBadRowsError(_refused(found, refusal, bad[0]), bad)
        about_words = settle_words(file, number, found.rows_read)  # before keys are compared: one may be of words
        loaded, repeated = settle_versions(file, number, found.rows_read - found.rows_quarantined)
        found = replace(found, status="loaded", rows_loaded=loaded, rows_repeated=repeated)
        found = replace(found, rows_otherwise=about_words.otherwise)
        check_snapshot(file, found)
        if found.rows_left_out and not found.rows_read:
            signs = [*signs, about_left_out(found)]
        warnings = [*typed.reading.warnings, *warnings_about(file, found, unnamed), *about_words.warnings, *signs]
        write_quarantine(file.connection, bad, number)
        return write_load(file.connection, replace(found, warnings="; ".join(warnings)), number)


def _counted(file: Incoming, typed: Typed, unnamed: Sequence[str]) -> FileLoad:
    bad_lines = len(typed.reading.bad_lines)
    return replace(
        file.unread,
        version_at=file.date(),
        unnamed_columns=", ".join(unnamed),
        rows_read=typed.rows + bad_lines,
        rows_quarantined=count(file.connection, "select count(*) from bad_rows") + bad_lines,
        rows_left_out=typed.left_out,
        left_out_because=typed.left_out_because,
    )


def _refused(found: FileLoad, refusal: str, first: QuarantinedRow) -> FileLoad:
    return replace(
        found,
        status="refused",
        reason=f"{refusal}; first: line {first.line}: {first.reason}",
        rows_refused=found.rows_read - found.rows_quarantined,
    )


def _write_refused(file: Incoming, refused: FileLoad, bad: Sequence[QuarantinedRow] = ()) -> FileLoad:
    """Write down that the file was refused, in place of what an earlier load of it brought."""
    with attempt(file.connection, file.entity, file.content) as number:
        write_quarantine(file.connection, bad, number)
        return write_load(file.connection, refused, number)


def _tell(done: FileLoad) -> None:
    if done.status == "refused":
        log.warning("%s: refused as %s: %s", done.file, done.entity, done.reason)
        return
    repeated = f", {done.rows_repeated:,} of known keys" if done.rows_repeated else ""
    log.info(
        "%s: %s rows into raw.%s%s, %s in quarantine", done.file, f"{done.rows_loaded:,}", done.entity, repeated,
        done.rows_quarantined,
    )  # fmt: skip
    if is_mostly_left_out(done):
        log.info("%s: %s", done.file, about_left_out(done))
    if done.warnings:
        log.warning("%s: %s", done.file, done.warnings)
