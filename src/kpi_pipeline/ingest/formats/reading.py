"""What a file is once it can be selected from, and what a format must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb.sqltypes import DuckDBPyType

from kpi_pipeline.contracts.layout import Layout


@dataclass(frozen=True)
class BadLine:
    """A line that is no row at all: it has too many fields, an open quote, or bytes that are not text."""

    line: int
    reason: str
    raw_text: str
    lines: int = 1
    """How many lines of the file it takes: a quoted field may go on over several."""
    cells: tuple[str, ...] = ()
    """What it has, where it has fewer cells than the header; its layout may know it as a total or a footer."""


class Place(NamedTuple):
    """Where a row stands in its file."""

    line: int
    raw_text: str
    part: str = ""
    """The sheet of a workbook in which that line is, where several are read."""


@dataclass(frozen=True)
class Reading:
    """A file, ready to be selected from: ``select "<header>", ... from <relation>``."""

    relation: str
    headers: list[str]
    row_number: str = "_row"
    """SQL of a row's number, NULL where the relation knows none because it reads the file while it is selected from."""
    types: dict[str, DuckDBPyType] = field(default_factory=dict)
    """Header: the type that the file itself brings, where it brings types (Parquet)."""
    bad_lines: list[BadLine] = field(default_factory=list)
    is_plain: bool = False
    """Whether the text is plain ASCII: a space is the only blank around a value, which spares it slower expressions."""
    is_sparse: bool = False
    """Whether a row names only the values that it has: then a header that no row has is no missing column."""
    rows: int | None = None
    """How many rows plain text has, if each line is one; None where nothing in it could make that untrue. Where it is
    found to have another number, it was not that plain."""
    filled: dict[str, list[int]] = field(default_factory=dict)
    """Header: the numbers of the rows whose value there is that of a cell that was merged with those of rows above."""
    warnings: list[str] = field(default_factory=list)
    """What of the file was not read."""
    repeated: dict[str, list[str]] = field(default_factory=dict)
    """A header that stands more than once in the file: what its later columns are called."""
    given: list[str] = field(default_factory=list)
    """The headers as they stand in the file, where a line in the middle of it may be its header again."""
    rejects: str = ""
    """A table that has, once all of the relation has been selected from, a row per line that is no row."""


class Format(ABC):
    """One format of files: how a file becomes rows, and where in the file a row stands."""

    content: str = "text"
    """What the first bytes of an unpacked file show it to be."""

    @property
    def is_text(self) -> bool:
        """Whether its files are text, which may be packed and may have an encoding of their own."""
        return self.content == "text"

    def as_lines(self, path: Path, layout: Layout, name: str, new_folder: Callable[[], Path]) -> Path:
        """The plain text at `path`, of a file called `name`, with a row a line; in a new folder if it is not so yet."""
        return path

    def stream(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading | None:
        """The plain file at `path` as a relation that reads it while it is selected from; None where it cannot be.

        Raises:
            UnreadableFileError: there is no usable header.
        """
        return None

    @abstractmethod
    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Reading:
        """The plain file at `path` as the temporary table ``incoming_text``: ``_row`` and a column per header.

        Raises:
            UnreadableFileError: there is no usable header, or no row that could tell one.
            duckdb.Error, OSError: the file is not in this format.
        """

    @abstractmethod
    def locate(
        self, path: Path, layout: Layout, row_numbers: Collection[int], bad_lines: Collection[BadLine]
    ) -> dict[int, Place]:
        """Where in the plain file at `path` the rows of these numbers stand."""
