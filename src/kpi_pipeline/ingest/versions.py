"""What a load's rows mean for the rows before them: which are of new keys, and which replace or repeat one."""

from __future__ import annotations

from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.ledger import replace_same_name
from kpi_pipeline.warehouse.connection import count, quoted


def settle_versions(file: Incoming, load: int, inserted: int) -> tuple[int, int]:
    """Tell the `inserted` rows of load number `load` from those that were there.

    A merge keeps every version of a key; of an append the first row of a key stays, so that a repeated one goes again.
    A snapshot is compared with itself alone. A layout may say that a file replaces an earlier one of its name.

    Returns:
        How many rows brought a new key, and how many one that was known.
    """
    connection, entity = file.connection, file.entity
    if file.layout.replaces == "same_name":
        replace_same_name(connection, entity, file.name)
    table, keys = f"raw.{entity.name}", [quoted(column) for column in entity.key]
    key = keys[0] if len(keys) == 1 else f"row({', '.join(keys)})"
    new = count(connection, f"select count(distinct {key}) from {table} where _load = {load}")
    if new < inserted and count(connection, f"select count(*) from {table} where _load = {load} and _row is null"):
        _number_rows(file, load)
    same = " and ".join(f"earlier.{column} is not distinct from later.{column}" for column in keys)
    others = f"from {table} as earlier where earlier._load <> {load} and {same}"
    is_first = connection.execute("select 1 from raw.loads where entity = ?", [entity.name]).fetchone() is None
    if entity.load != "snapshot" and not is_first:
        new -= count(
            connection,
            f"select count(distinct {key}) from {table} as later where _load = {load} and exists (select 1 {others})",
        )
    repeated = inserted - new
    if entity.load == "append" and repeated:
        connection.execute(
            f"delete from {table} as later where _load = {load} and (exists (select 1 {others}) or exists ("
            f"select 1 from {table} as earlier where earlier._load = {load} and earlier._row < later._row and {same}))"
        )
    return new, repeated


def _number_rows(file: Incoming, load: int) -> None:
    """Number the rows of `load` in the order of their file, which is that in which they stand in the table."""
    table = f"raw.{file.entity.name}"
    file.connection.execute(
        f"update {table} set _row = rowid - first_row + 1 "
        f"from (select min(rowid) as first_row from {table} where _load = {load}) where _load = {load}"
    )
