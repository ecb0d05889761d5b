"""One file into one entity: all of it and its line in the ledger, or nothing."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
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
from kpi_pipeline.ingest.editions import version_of, warnings_about_editions
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.opening import FORMATS
from kpi_pipeline.ingest.formats.unpacking import as_plain_file
from kpi_pipeline.ingest.ledger import FileLoad, attempt, known_load, write_load
from kpi_pipeline.ingest.left_out import about_left_out, is_mostly_left_out
from kpi_pipeline.ingest.quarantine import QuarantinedRow, write_quarantine
from kpi_pipeline.ingest.signs import signs_in
from kpi_pipeline.ingest.totals import check_totals
from kpi_pipeline.ingest.versions import hold_conflicts, settle_versions
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
    """Load the file, unless what it has is known, and say in the log what became of it."""
    try:
        unread = replace(file.unread, version_at=file.date())
    except UnreadableFileError as refusal:  # refused for its name before it is opened
        done = _write_refused(file, replace(file.unread, status="refused", reason=str(refusal)))
        _tell(done)
        return done
    known = known_load(file.connection, file.entity, unread)
    if known and not (file.is_retried and known.rows_quarantined and known.status == "loaded"):
        return replace(unread, status="known")
    with _time_zone_of(file):
        try:
            done = _load_by_the_cheapest_way(file, known)
        except UnreadableFileError as refusal:
            if known:
                log.warning("%s: still as it was, it cannot be read again: %s", file.name, refusal)
                return replace(unread, status="known", reason=str(refusal))
            if isinstance(refusal, _TooManyBadRowsError):
                done = _write_refused(file, refusal.refused, refusal.bad)
            else:
                done = _write_refused(file, replace(unread, status="refused", reason=str(refusal)))
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


def _load_by_the_cheapest_way(file: Incoming, instead_of: FileLoad | None) -> FileLoad:
    """Try the ways in turn, each in an attempt of its own; `instead_of` an earlier load of the file, if it is retried.

    Raises:
        UnreadableFileError: the file is to be refused.
    """
    before = file.path.stat()
    scratch = file.settings.home / "scratch"
    with as_plain_file(file.path, file.layout, FORMATS[file.layout.format], scratch) as plain:
        way = first_way(file, plain)
        while True:
            try:
                return _load_by(way, file, plain, before, instead_of)
            except AsksForMoreError as more:
                log.debug("%s: not this way: %s", file.name, more)
                way = more.way


def _load_by(way: Way, file: Incoming, plain: Path, before: stat_result, instead_of: FileLoad | None) -> FileLoad:
    """One attempt.

    Raises:
        AsksForMoreError: another way is to be tried.
        UnreadableFileError: the file is to be refused.
    """
    with attempt(file.connection, file.entity, file.content, instead_of) as number:
        typed = way(number)
        file = replace(file, layout=typed.layout)
        about_words = settle_words(file, number, typed.rows)  # before keys are compared: one may be of words
        has_repeats = hold_conflicts(file, number)
        unnamed = unnamed_headers(file.layout, typed.reading.headers)
        found = _counted(file, number, typed, unnamed)
        check_not_empty(file, found)
        check_date_formats(file)
        signs = signs_in(file, typed.reading)
        refusal = too_many_bad_rows(file, found)
        kept = QUARANTINED_OF_REFUSED if refusal else found.rows_quarantined
        bad = located_bad_rows(file, plain, typed.reading.bad_lines, kept)
        check_is_finished(file, before)
        if refusal:
            raise _TooManyBadRowsError(_refused(found, refusal, bad[0]), bad)
        if not found.rows_quarantined:
            check_totals(file, typed.reading, number)
        about_editions = warnings_about_editions(file, number)
        settled = settle_versions(file, number, has_repeats)
        left_out = found.rows_left_out + settled.left_out
        numbers = {f"rows_{name}": rows for name, rows in asdict(settled).items()} | {"rows_left_out": left_out}
        found = replace(found, status="loaded", **numbers)
        found = replace(found, rows_otherwise=about_words.otherwise)
        check_snapshot(file, found)
        if found.rows_left_out and not found.rows_of_entity:
            signs = [*signs, about_left_out(found)]
        warnings = [*typed.reading.warnings, *warnings_about(file, found, unnamed), *about_words.warnings, *signs]
        write_quarantine(file.connection, bad, number)
        told = "; ".join([*warnings, *about_editions])
        return write_load(file.connection, replace(found, warnings=told), number)


def _counted(file: Incoming, load: int, typed: Typed, unnamed: Sequence[str]) -> FileLoad:
    bad_lines = len(typed.reading.bad_lines)
    of_days = file.entity.rows in ("reports", "readings")
    version = file.connection.execute(f"select {version_of(file, load)}").fetchone() if of_days else None
    return replace(
        file.unread,
        version_at=version[0] if version else file.date(),
        unnamed_columns=", ".join(unnamed),
        rows_read=typed.rows + bad_lines + typed.left_out,
        rows_quarantined=count(file.connection, "select count(*) from bad_rows") + bad_lines,
        rows_left_out=typed.left_out,
        left_out_because=typed.left_out_because,
    )


def _refused(found: FileLoad, refusal: str, first: QuarantinedRow) -> FileLoad:
    return replace(
        found,
        status="refused",
        reason=f"{refusal}; first: line {first.line}: {first.reason}",
        rows_refused=found.rows_read - found.rows_quarantined - found.rows_left_out,
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
    parts = {
        "added up within the file": done.rows_added_up, "known before": done.rows_repeated,
        "older than what is known": done.rows_superseded, "gone": done.rows_gone, "left out": done.rows_left_out,
        "in quarantine": done.rows_quarantined,
    }  # fmt: skip
    told = "".join(f", {number:,} {what}" for what, number in parts.items() if number or what == "in quarantine")
    log.info("%s: %s rows into raw.%s%s", done.file, f"{done.rows_loaded:,}", done.entity, told)
    if is_mostly_left_out(done):
        log.info("%s: %s", done.file, about_left_out(done))
    if done.warnings:
        log.warning("%s: %s", done.file, done.warnings)
