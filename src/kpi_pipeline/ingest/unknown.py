"""Files that are called like one of ours and are another tool's, and what whoever dropped them can do about it."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from kpi_pipeline.contracts.export import Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest.columns import base_header
from kpi_pipeline.ingest.formats.header import headers_of_every_file

_NEAR = 0.85
"""How alike a header must be to one of the key to be that one, mistyped."""


class NotOursError(Exception):
    """The file has a name that our own columns would have, and other columns."""

    def __init__(self, entity: Entity, headers: Sequence[str]) -> None:
        super().__init__(f"it is called like our own {entity.name} and has no column {' or '.join(entity.key)}")
        self.headers = headers


def check_is_ours(entity: Entity, layout: Layout, headers: Sequence[str]) -> None:
    """A file in our own columns has at least one of the key, if mistyped: any other is only called like it.

    Raises:
        NotOursError: it has none.
    """
    if layout in entity.canonical_layouts and not any(
        difflib.get_close_matches(column, headers, n=1, cutoff=_NEAR) for column in entity.key
    ):
        raise NotOursError(entity, headers)


def what_to_do(entities: Iterable[Entity], path: Path, headers: Sequence[str]) -> str:
    """The layouts that have all their columns among `headers`, and the names that they want; else where help is."""
    present = list(headers)
    day = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    names = [
        f"{_named(layout.files, day)}{path.suffix} ({layout.name})"
        for entity in entities
        for layout in entity.layouts
        if (needed := headers_of_every_file(layout)) and all(base_header(each, present) in present for each in needed)
    ]
    if names:
        return f"it has the columns of a tool that we know: call it {' or '.join(names)}"
    return "docs/add-an-export.md says how to add its tool"


def _named(files: str, day: dt.datetime) -> str:
    return re.sub(r"\{date:([^}]+)\}", lambda found: day.strftime(found[1]), files).replace("*", "")
