"""One spelling per name: "Spring Sale", "spring sale " and the same letters in another Unicode form are one campaign.

Names are free text of people that becomes a member of a dimension, or by which two exports meet; which columns hold
them, and of which kind, their exports declare (``names:``). Raw keeps what was written. Codes are never folded.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.warehouse.connection import literal, quoted

_BLANKS = r"[\s\p{Z}]+"
_UNSEEN = r"[\s\p{Z}\x{200B}\x{200C}\x{FEFF}]+"
"""Blanks, and what stands in their place without being seen: the ZWNJ of Persian, the zero-width space of web pages."""


def write_spellings(connection: duckdb.DuckDBPyConnection, entities: Sequence[Entity]) -> None:
    """Write ``settings.spellings``: of each name that is written in several ways, which way is shown instead of it.

    Ways that differ in case, blanks or Unicode form alone are one name, over all exports that hold names of its kind.
    Shown is the way that most rows have, and of equal ones the first in order.

    Args:
        connection: the warehouse, with every raw table.
        entities: the declarations of the exports.
    """
    written = " union all ".join(
        f"select {literal(column.names)} as kind, {quoted(column.name)} as written, count(*) as row_count "
        f"from raw.{entity.name} where {quoted(column.name)} is not null group by {quoted(column.name)}"
        for entity in entities
        for column in entity.columns
        if column.names
    )
    connection.execute("truncate settings.spellings")
    if not written:
        return
    connection.execute(
        f"""
        insert into settings.spellings
        with ways as (
            select
                kind, written, sum(row_count) as row_count,
                trim(regexp_replace(nfc_normalize(written), {literal(_BLANKS)}, ' ', 'g')) as clean,
                lower(trim(regexp_replace(nfc_normalize(written), {literal(_UNSEEN)}, ' ', 'g'))) as name
            from ({written}) as written_names
            group by kind, written
        ),
        shown as (
            select *, first_value(clean) over (partition by kind, name order by ways_rows desc, clean) as shown
            from (select *, sum(row_count) over (partition by kind, clean) as ways_rows from ways) as counted
        )
        select kind, written, shown from shown where written <> shown
        """
    )
