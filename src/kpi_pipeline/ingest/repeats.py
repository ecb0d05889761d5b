"""What stands twice in a file: a column of one name, and the header itself, where pages were glued together."""

from __future__ import annotations

from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.files import Incoming
from kpi_pipeline.ingest.formats.reading import Reading
from kpi_pipeline.ingest.values import tidied, tidy
from kpi_pipeline.warehouse.connection import count, literal, quoted


def take_first_that_has_a_value(file: Incoming, reading: Reading) -> None:
    """Make one column of those of one name: a tool may have two fields that are called alike, of which a row has one.

    Raises:
        UnreadableFileError: a row has two different values, and nobody can know which one is meant.
    """
    for header, again in reading.repeated.items():
        texts = [tidy(quoted(name)) for name in (header, *again)]
        given = f"list_distinct(list_filter([{', '.join(texts)}], lambda given: given is not null))"
        unclear = file.connection.execute(
            f"select _row, {given} from {reading.relation} where len({given}) > 1 order by _row limit 1"
        ).fetchone()
        if unclear:
            values = " and ".join(repr(value) for value in sorted(unclear[1]))
            raise UnreadableFileError(
                f"its column {header} stands there {len(texts)} times, and row {unclear[0]} has {values} in it: only "
                "one can be meant. Export it with one column of that name"
            )
        file.connection.execute(f"update {reading.relation} set {quoted(header)} = coalesce({', '.join(texts)})")


def without_header_lines(file: Incoming, reading: Reading) -> int:
    """Take the rows out that are the header once more; returns how many. A report may be glued together from pages."""
    named = [(name, given) for name, given in zip(reading.headers, reading.given, strict=False) if given]
    if len(named) < 2:
        return 0
    is_header = " and ".join(f"{tidy(quoted(name))} = {literal(tidied(given))}" for name, given in named)
    found = count(file.connection, f"select count(*) from {reading.relation} where {is_header}")
    if found:
        file.connection.execute(f"delete from {reading.relation} where {is_header}")
    return found


def may_have_header_lines(file: Incoming, reading: Reading) -> bool:
    """Whether a value in ``bad_rows`` is the name of a column, as it is in a line that is the header once more."""
    names = ", ".join(literal(name) for name in {*reading.headers, *reading.given})
    return count(file.connection, f"select count(*) from bad_rows where _given in ({names})") > 0
