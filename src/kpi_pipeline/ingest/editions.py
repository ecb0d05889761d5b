"""Files that are editions of one another: which days a report speaks of, and what a newer one says no more.

The order of editions is that of everything else: the version (a date in the name, or the moments in the rows), then the
order of loading.
"""

from __future__ import annotations

from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.warehouse.connection import count, literal, quoted

NEVER = "timestamp '-infinity'"
"""The version of what has none: older than any."""

LONGEST_GAP = 31
"""Days without a row that a report still speaks of: a sheet of invoices has none on most days, but one of two days in
different seasons says nothing of the time between."""

FEWEST_COPIES = 3
"""Rows that must stand in two reports, alike, before one of them is taken for a copy of the other."""

IDS_TOLD = 5
"""How many of those who vanished from a snapshot a warning names."""


def version_of(file: Incoming, load: int) -> str:
    """SQL of the version of load number `load` as a whole: the date in its name, or the last moment in its rows."""
    if file.layout.updated_at:
        return f"(select max(_version_at) from raw.{file.entity.name} where _load = {load})"
    day = file.date()
    return f"cast({literal(str(day)) if day else 'null'} as timestamp)"


def note_coverage(file: Incoming, load: int) -> None:
    """Write down which days load number `load` speaks of: from its first to its last, but for very long gaps."""
    day = quoted(file.entity.dated_by or "")
    file.connection.execute(
        f"""
        insert into raw.coverage
        select {load}, min(day), max(day)
        from (
            select day, count(*) filter (gap > {LONGEST_GAP}) over (order by day) as stretch
            from (select day, day - lag(day) over (order by day) as gap
                  from (select distinct {day} as day from raw.{file.entity.name} where _load = {load}))
        )
        group by stretch
        """
    )


def is_restated(file: Incoming, load: int) -> str:
    """SQL of whether a newer edition was there already and speaks of the day of a row."""
    return (
        f"exists (select 1 from raw.coverage as spoken inner join raw.loads as other on spoken.load = other.load "
        f"where {is_of_series(file)} and {_is_newer(file, load)} "
        f"and mine.{quoted(file.entity.dated_by or '')} between spoken.first_day and spoken.last_day)"
    )


def is_older_snapshot(file: Incoming, load: int) -> str:
    """SQL of whether a newer snapshot of the same kind was there already."""
    return f"exists (select 1 from raw.loads as other where {_is_of_report(file)} and {_is_newer(file, load)})"


def has_newer_edition(file: Incoming, load: int) -> bool:
    """Whether an edition of the report was there already that is newer than load number `load`."""
    newer = f"select 1 from raw.loads as other where {_is_of_report(file)} and {_is_newer(file, load)} limit 1"
    return file.connection.execute(newer).fetchone() is not None


def yields(file: Incoming, load: int) -> str:
    """SQL of whether the file is provisional and the one that it stands in for was there already."""
    if not file.layout.is_provisional(file.name):
        return "false"
    return (
        f"exists (select 1 from raw.loads as other where {is_of_series(file)} and other.load <> {load} "
        "and other.is_provisional is not true)"
    )


def warnings_about_editions(file: Incoming, load: int) -> list[str]:
    """What a person should be told of load number `load` beside the editions before it.

    Raises:
        UnreadableFileError: most of its rows stand in another report too, where they would count again.
    """
    match file.entity.rows:
        case "reports" | "readings":
            found = [_told_twice(file, load), _says_much_less(file, load)]
        case "snapshot":
            found = [_vanished(file, load)]
        case _:
            found = []
    return [warning for warning in found if warning]


def _told_twice(file: Incoming, load: int) -> str:
    """A report under another name whose rows stand in this one as well, word for word."""
    entity = file.entity
    if entity.rows != "reports":
        return ""
    same = " and ".join(
        f"mine.{quoted(column.name)} is not distinct from theirs.{quoted(column.name)}" for column in entity.columns
    )
    raw = f"raw.{entity.name}"
    found = file.connection.execute(
        f"""
        select other.file, count(distinct mine.place) as copies
        from (select *, rowid as place from {raw} where _load = {load}) as mine
        inner join {raw} as theirs on {same} and theirs._load <> {load}
        inner join raw.loads as other on theirs._load = other.load
        where not ({is_of_series(file)})
        group by other.file order by copies desc, other.file limit 1
        """
    ).fetchone()
    if not found:
        return ""
    other, copies = found
    rows = count(file.connection, f"select count(*) from {raw} where _load = {load}")
    told = f"{copies:,} of its {rows:,} rows stand word for word in {other} too, which is another report by its name"
    if copies < max(FEWEST_COPIES, rows / 2) or file.is_accepted:
        return f"{told}: they count twice"
    raise UnreadableFileError(
        f"{told}, and would count twice. If it is the same report, give it the same name but for the date, so that the "
        f"newer one replaces the older; if it is right, say so: kpi ingest --accept {file.name}"
    )


def _says_much_less(file: Incoming, load: int) -> str:
    """A newer edition that has far fewer rows on its days than the one that it replaces there."""
    raw, day = f"raw.{file.entity.name}", quoted(file.entity.dated_by or "")
    found = file.connection.execute(
        f"""
        with days as (select {day} as day, count(*) as rows from {raw} where _load = {load} group by all)
        select max_by(file, replaced), max(replaced), max_by(mine, replaced)
        from (
            select other.file, sum(theirs.rows) as replaced, sum(days.rows) as mine
            from (select _load, {day} as day, count(*) as rows from {raw} where _load <> {load} group by all) as theirs
            inner join days on theirs.day = days.day
            inner join raw.loads as other on theirs._load = other.load
            where {is_of_series(file)} and not ({_is_newer(file, load)})
            group by other.load, other.file
        )
        """
    ).fetchone()
    if not found or not found[1] or found[2] >= file.settings.snapshot_min_share * found[1]:
        return ""
    return (
        f"on the days that it speaks of it has {found[2]:,} rows where {found[0]} had {found[1]:,}, which count no "
        "more: is it the whole report?"
    )


def _vanished(file: Incoming, load: int) -> str:
    """Who was in the snapshot before this one without a leaving date, and is not in this one."""
    entity = file.entity
    if not entity.ended_by:
        return ""
    raw, key = f"raw.{entity.name}", quoted(entity.key[0])
    before = file.connection.execute(
        f"select other.load, other.file from raw.loads as other where {_is_of_report(file)} "
        f"and not ({_is_newer(file, load)}) and other.load <> {load} "
        "order by other.version_at desc nulls last, other.load desc limit 1"
    ).fetchone()
    if not before:
        return ""
    found = file.connection.execute(
        f"select {key} from {raw} as theirs where _load = ? and {quoted(entity.ended_by)} is null and not exists "
        f"(select 1 from {raw} as mine where mine._load = {load} and mine.{key} = theirs.{key}) order by 1",
        [before[0]],
    ).fetchall()
    if not found:
        return ""
    names = ", ".join(str(name) for (name,) in found[:IDS_TOLD])
    more = f" and {len(found) - IDS_TOLD:,} more" if len(found) > IDS_TOLD else ""
    return (
        f"{names}{more} stood in {before[1]} without {entity.ended_by} and are not in it: whoever leaves must stay in "
        f"the export with {entity.ended_by}, or counts as if never there"
    )


def _is_of_report(file: Incoming) -> str:
    """SQL of whether the load ``other`` is of the same report."""
    return (
        f"other.entity = {literal(file.entity.name)} and other.status = 'loaded' "
        f"and other.report = {literal(file.unread.report)}"
    )


def is_of_series(file: Incoming) -> str:
    """SQL of whether the load ``other`` is an edition of the same report, of the same series."""
    return f"{_is_of_report(file)} and other.series = {literal(file.unread.series)}"


def _is_newer(file: Incoming, load: int) -> str:
    """SQL of whether the load ``other`` is newer than load number `load`."""
    return f"(coalesce(other.version_at, {NEVER}), other.load) > (coalesce({version_of(file, load)}, {NEVER}), {load})"
