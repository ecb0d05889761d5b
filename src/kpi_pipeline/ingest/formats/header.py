"""The header of a file: which names a layout cannot do without, and which header cannot be used."""

from __future__ import annotations

from kpi_pipeline.contracts.layout import FirstOf, Layout
from kpi_pipeline.errors import UnreadableFileError


def headers_of_every_file(layout: Layout) -> set[str]:
    """The headers that the layout cannot do without; of alternatives, any one will do."""
    alternatives = {name for name, given in layout.columns.items() if isinstance(given, FirstOf)}
    return {header for name, headers in layout.headers.items() for header in headers if name not in alternatives}


def usable_headers(header: list[str], layout: Layout, where: str) -> list[str]:
    """The names of a header; one that stands twice gets a number from the second on, so that the first can be used.

    Raises:
        UnreadableFileError: names are missing, no text, or stand twice although the layout asks for them.
    """
    if not any(header):
        raise UnreadableFileError(f"{where} is blank where the header should be; export it again")
    if "\x00" in "".join(header):
        raise UnreadableFileError(f"{where} holds zero bytes: this is not UTF-8 text; export it as UTF-8")
    if any(readable(name) != name for name in header):
        raise UnreadableFileError(f"{where} is not {layout.encoding} text; export it as UTF-8, or say its encoding")
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
