"""What can be wrong with a row: the kinds of dirt, and where a wrong row was planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Effect = Literal["quarantined", "repeated", "superseded", "left out"]


@dataclass(frozen=True)
class Dirt:
    """A row that is wrong, and what ingest makes of it."""

    kind: str
    effects: Mapping[str, tuple[Effect, str]]
    """Entity that reads the file: what becomes of the row, and the column that quarantine names."""
    set: Mapping[str, Any] = field(default_factory=dict)
    """Header: the text that stands in its place; in Parquet an SQL expression."""
    line: Literal["", "cut", "long", "no text", "open quote", "no object"] = ""
    """What is wrong with the line as a whole."""
    of: tuple[str, str] | None = None
    """Header and pattern: which row is copied; the next best where not given."""

    @property
    def is_quarantined(self) -> bool:
        """Whether any entity quarantines the row."""
        return any(effect == "quarantined" for effect, _ in self.effects.values())

    @property
    def value(self) -> str:
        """What stands in the row, for the list of what was planted."""
        return "; ".join(f"{header} = {text}" for header, text in self.set.items())


@dataclass(frozen=True)
class Planted:
    """Where a row was planted."""

    file: str
    sheet: str
    """Of a workbook that has several, the one whose line it is; empty elsewhere."""
    line: int
    entity: str
    column: str
    effect: Effect
    kind: str
    value: str


def bad(entity: str, column: str, kind: str, header: str, text: Any, of: tuple[str, str] | None = None) -> Dirt:
    """A value that a column of `entity` cannot hold: quarantined."""
    return Dirt(kind, {entity: ("quarantined", column)}, {header: text}, of=of)


def bad_line(entity: str, kind: str, line: Literal["cut", "long", "no text", "open quote", "no object"]) -> Dirt:
    """A line that is no row at all: quarantined."""
    return Dirt(kind, {entity: ("quarantined", "")}, line=line)


def again(entity: str, of: tuple[str, str] | None = None) -> Dirt:
    """A row of a thing that stands there twice. Of a report it would be another part of the day."""
    return Dirt("the same row again", {entity: ("repeated", "")}, of=of)


def no_row(entity: str, kind: str, header: str, text: Any) -> Dirt:
    """A row that its layout leaves out: a total, a ping."""
    return Dirt(kind, {entity: ("left out", "")}, {header: text})


NO_NUMBER, NO_DATE, NO_VALUE = "no number", "no date", "a required value is missing"
CUT, LONG, NO_TEXT = "a line that was cut", "a line with too many fields", "bytes that are no text"
OPEN_QUOTE, NO_OBJECT = "a quote that is never closed", "a line that is no JSON object"
NO_GROUPS, NO_DAY = "a number whose groups are not whole", "a day that no month has"
