"""The header of a file: where it stands, which names a layout cannot do without, and which cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.errors import UnreadableFileError
from kpi_pipeline.ingest.currencies import with_named_currencies

LINES_OF_A_TITLE = 100
"""How many lines of a file are looked at to find its header."""


def headers_of_every_file(layout: Layout) -> set[str]:
    """The headers that the layout cannot do without; of alternatives, any one will do."""
    alternatives = {name for name, given in layout.columns.items() if isinstance(given, FirstOf)}
    return {header for name, headers in layout.headers.items() for header in headers if name not in alternatives}


class FoundHeader(NamedTuple):
    """The names of a header, and where it stands."""

    names: list[str]
    place: int
    is_complete: bool
    """Whether it has every header that the layout cannot do without."""


def header_among(records: Iterable[tuple[int, list[str]]], layout: Layout) -> FoundHeader | None:
    """The header among the first records of a file, each with its place: titles may stand before it.

    It is the first record that has every header that the layout cannot do without, and the first one of all where none
    has; None where there is no record.
    """
    needed = headers_of_every_file(layout)
    first = None
    for place, record in records:
        names = [name.strip() for name in record]
        if needed <= with_named_currencies(names, layout):
            return FoundHeader(names, place, is_complete=True)
        first = first or FoundHeader(names, place, is_complete=False)
    return first


def no_header(what: str, layout: Layout) -> UnreadableFileError:
    """The refusal of a file of which no `what` (a line, a row) is the header."""
    wanted = ", ".join(sorted(headers_of_every_file(layout)))
    return UnreadableFileError(f"no {what} of it is the header; it should have the columns {wanted}")


def usable_headers(header: list[str], layout: Layout, where: str) -> list[str]:
    """The names of a header; one that stands twice gets a number from the second on, so that the first can be used.

    Columns without a name at the right are what a spreadsheet adds; they are called after their number.

    Raises:
        UnreadableFileError: names are missing, no text, or stand twice although the layout asks for them.
    """
    if not any(header):
        raise UnreadableFileError(f"{where} is blank where the header should be; export it again")
    if "\x00" in "".join(header):
        raise UnreadableFileError(f"{where} holds zero bytes: this is not UTF-8 text; export it as UTF-8")
    if any(readable(name) != name for name in header):
        raise UnreadableFileError(f"{where} is not {layout.encoding} text; export it as UTF-8, or say its encoding")
    named = max(position for position, name in enumerate(header, start=1) if name)
    header = header[:named] + [f"column {number}" for number in range(named + 1, len(header) + 1)]
    if "" in header:
        raise UnreadableFileError(
            f"{where} has no name for column {header.index('') + 1}; name it, or export the file without it"
        )
    folded = [name.lower() for name in header]
    used = {name.lower() for names in layout.headers.values() for name in names}
    repeated = sorted({name for name in header if folded.count(name.lower()) > 1 and name.lower() in used})
    if repeated:
        raise UnreadableFileError(f"{where} names the column {', '.join(repeated)} more than once")
    return [
        name if folded[:position].count(name.lower()) == 0 else f"{name} {folded[: position + 1].count(name.lower())}"
        for position, name in enumerate(header)
    ]


def readable(text: str) -> str:
    """`text` without its line end, bytes that were no UTF-8 as question marks."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\r\n")
