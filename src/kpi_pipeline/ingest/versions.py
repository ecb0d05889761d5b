"""What a load's rows mean for the rows before them, and which of them contradict each other.

The rules stand in docs/what-a-row-is.md. ``raw`` keeps every row; which of them count is decided when they are read, by
the macro `current_version`, from the rows and from ``raw.loads`` and ``raw.coverage``. What is counted here says the
same of one load, at the moment at which it came.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpi_pipeline.ingest.editions import (
    NEVER,
    has_newer_edition,
    is_of_series,
    is_older_snapshot,
    is_restated,
    note_coverage,
    yields,
)
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.ledger import replace_same_name
from kpi_pipeline.warehouse.connection import count, literal, quoted

CONFLICT = "_conflict"
"""What ``bad_rows`` names as the problem of a row that another row of its file contradicts."""


@dataclass(frozen=True)
class Settled:
    """How many rows of a load are what; the words are those of the ledger."""

    loaded: int = 0
    added_up: int = 0
    repeated: int = 0
    superseded: int = 0
    gone: int = 0
    left_out: int = 0
    """Rows that say that something is gone which never was there."""


def hold_conflicts(file: Incoming, load: int) -> bool:
    """Move rows of load number `load` that contradict each other into ``bad_rows``.

    Two rows of one key that differ, and of which nothing says that one is newer, tell nobody what is true. Rows that
    are alike are one told twice.

    Returns:
        Whether a key stands in the file more than once.
    """
    entity = file.entity
    table, key = f"raw.{entity.name}", _key(file)
    if count(file.connection, f"select count(*) - count(distinct {key}) from {table} where _load = {load}") == 0:
        return False
    if count(file.connection, f"select count(*) from {table} where _load = {load} and _row is null"):
        _number_rows(file, load)
    if entity.rows in ("reports", "events"):
        return True
    columns = ", ".join(quoted(column.name) for column in entity.columns)
    content = f"case when _gone then null else row({columns}) end, _gone"  # of what is gone nothing else is told
    file.connection.execute(
        f"""
        create or replace temp table conflicts as
        select _row, concat_ws(', ', {", ".join(f"cast({quoted(name)} as text)" for name in entity.key)}) as told
        from (
            select *, count(distinct row({content})) over (partition by {key}) as contents
            from (
                select * from {table} where _load = {load}
                qualify rank() over (partition by {key} order by coalesce(_version_at, {NEVER}) desc) = 1
            )
        ) where contents > 1
        """
    )
    file.connection.execute(
        f"insert into bad_rows (_row, _problem, _given) select _row, {literal(CONFLICT)}, told from conflicts"
    )
    file.connection.execute(f"delete from {table} where _load = {load} and _row in (select _row from conflicts)")
    return True


def settle_versions(file: Incoming, load: int, has_repeats: bool) -> Settled:
    """Tell the rows of load number `load` from those that were there.

    Args:
        file: the file that they are from.
        load: its number.
        has_repeats: whether a key stands in the file more than once.

    """
    connection, entity = file.connection, file.entity
    if file.layout.replaces == "same_name":
        replace_same_name(connection, entity, file.layout, file.name)
    if entity.rows in ("reports", "readings"):
        note_coverage(file, load)
    is_first = connection.execute("select 1 from raw.loads where entity = ?", [entity.name]).fetchone() is None
    can_go = file.layout.gone_when or file.layout.gone_unless
    if not has_repeats and not can_go and (is_first or _is_all_new(file, load)):
        return Settled(loaded=count(connection, f"select count(*) from raw.{entity.name} where _load = {load}"))
    found = connection.execute(_classes(file, load)).fetchall()
    numbers = {str(name): int(number) for name, number in found}
    if entity.rows == "events" and numbers.get("repeated") and not file.layout.replaces:
        _forget_repeated(file, load)
    return Settled(**numbers)


def _is_all_new(file: Incoming, load: int) -> bool:
    """Whether nothing that was there before has to do with any row of the load: the usual case, told cheaply."""
    entity = file.entity
    if entity.rows in ("reports", "readings", "snapshot"):
        return not has_newer_edition(file, load)
    if file.layout.is_provisional(file.name):
        return False
    whole = [quoted(entity.of)] if entity.of else [quoted(name) for name in entity.key]
    same = " and ".join(f"mine.{name} is not distinct from earlier.{name}" for name in whole)
    known = (
        f"select 1 from raw.{entity.name} as mine inner join raw.{entity.name} as earlier on {same} "
        f"where mine._load = {load} and earlier._load <> {load} limit 1"
    )
    return file.connection.execute(known).fetchone() is None


def _classes(file: Incoming, load: int) -> str:
    """SQL of what the rows of the load are, and how many."""
    entity, key = file.entity, _key(file)
    of = quoted(entity.of) if entity.of else key
    version = f"coalesce(_version_at, {NEVER})"
    mine = (
        f"select *, {version} as version, {key} as key, {of} as whole, {_nth(file, load)}, "
        f"max({version}) over (partition by {key}) as newest_here "
        f"from raw.{entity.name} where _load = {load}"
    )
    told_by_it = ""
    if entity.rows == "lines":  # a document is whole as one report tells it
        told_by_it = f"and _load in (select other.load from raw.loads as other where {is_of_series(file)})"
    theirs = (
        f"select {of} as whole, max({version}) as newest, bool_or(_gone is not true) as was_there "
        f"from raw.{entity.name} where _load <> {load} and {of} in (select whole from mine) {told_by_it} group by all"
    )
    match entity.rows:
        case "reports":
            others, case = "", f"when {is_restated(file, load)} then 'superseded' when nth > 1 then 'added_up'"
        case "readings":
            others, case = "", f"when {is_restated(file, load)} then 'superseded' when nth > 1 then 'repeated'"
        case "snapshot":
            others, case = "", f"when {is_older_snapshot(file, load)} then 'superseded' when nth > 1 then 'repeated'"
        case "events":
            others = "left join theirs on mine.whole = theirs.whole"
            case = f"when {yields(file, load)} then 'superseded' when newest is not null or nth > 1 then 'repeated'"
        case _:
            others = "left join theirs on mine.whole is not distinct from theirs.whole"
            case = (
                "when _gone and was_there then 'gone' when _gone then 'left_out' "
                "when newest > version or newest_here > version then 'superseded' "
                "when newest is not null or nth > 1 then 'repeated'"
            )
    with_theirs = f", theirs as ({theirs})" if others else ""
    return (
        f"with mine as ({mine}){with_theirs} "
        f"select case {case} else 'loaded' end as class, count(*) from mine {others} group by class"
    )


def _key(file: Incoming) -> str:
    keys = [quoted(column) for column in file.entity.key]
    return keys[0] if len(keys) == 1 else f"row({', '.join(keys)})"


def _nth(file: Incoming, load: int) -> str:
    return f"row_number() over (partition by {_key(file)}, coalesce(_version_at, {NEVER}) order by _row) as nth"


def _forget_repeated(file: Incoming, load: int) -> None:
    """Of an event that was known nothing is kept: exports overlap, night after night."""
    table = f"raw.{file.entity.name}"
    same = " and ".join(f"earlier.{quoted(key)} is not distinct from later.{quoted(key)}" for key in file.entity.key)
    file.connection.execute(
        f"delete from {table} as later where _load = {load} and exists (select 1 from {table} as earlier where {same} "
        f"and (earlier._load <> {load} or earlier._row < later._row))"
    )


def _number_rows(file: Incoming, load: int) -> None:
    """Number the rows of `load` in the order of their file, which is that in which they stand in the table."""
    table = f"raw.{file.entity.name}"
    file.connection.execute(
        f"update {table} set _row = rowid - first_row + 1 "
        f"from (select min(rowid) as first_row from {table} where _load = {load}) where _load = {load}"
    )
