"""Files that nobody reads, each with a sentence that says why and what to do: none is passed over without a word.

Kept in ``raw.left_alone`` as they lie there now: a file that is gone, or was given its right name, is gone from there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb

from kpi_pipeline.contracts.export import SYSTEMS, Entity
from kpi_pipeline.contracts.file_names import as_if_unpacked
from kpi_pipeline.contracts.layout import SUFFIXES
from kpi_pipeline.ingest.fitting import Fit, best_fits, by_name, described, fits
from kpi_pipeline.ingest.look import Look, look_at
from kpi_pipeline.warehouse.schema import insert_rows

MOST_OF_A_LAYOUT = 0.5
"""Share of a layout's headers from which on a file may be meant for it."""

NAMES_TOLD = 2
"""How many names a sentence offers."""

HELP = "docs/add-an-export.md says how to add its tool, and `kpi layout {name}` begins it"

_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_ENDING = {"csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet", "xlsx": ".xlsx"}


@dataclass(frozen=True)
class LeftAlone:
    """A file that nobody reads."""

    file: str
    """Its path below the exports folder."""
    system: str | None
    """Whose folder it lies in; None outside of all of them."""
    reason: str
    """Why, and what to do."""


def left_alone(
    name: str, path: Path, entities: Sequence[Entity], *, claimed_by: Entity | None = None, look: Look | None = None
) -> LeftAlone:
    """Why the file called `name` is left alone, and what whoever dropped it can do.

    Args:
        name: its path below the exports folder.
        path: where it can be looked at.
        entities: all that are declared, with their layouts.
        claimed_by: the entity whose name it bears, though it is none of its files.
        look: what was seen of it, if somebody has looked.
    """
    look = look or look_at(path, name)
    found = best_fits(look, entities)
    system = name.partition("/")[0] if name.partition("/")[0] in SYSTEMS and "/" in name else None
    reasons = [] if system else [_misplaced(name, entities)]
    if claimed_by:
        reasons.append(f"it is called like our own {claimed_by.name} and has no column {' or '.join(claimed_by.key)}")
    if look.problem:
        reasons.append(look.problem)
    elif found:
        reasons += _renamed(name, path, look, found)
    elif not claimed_by and (other := _other_name(name, entities)):
        reasons.append(f"it would be read under the name {other}")
    else:
        reasons.append(_unknown(name, look, fits(look, entities)))
    return LeftAlone(name, system, "; ".join(reasons))


def _misplaced(name: str, entities: Iterable[Entity]) -> str:
    """That the file is in no system's folder, and which one it may be for."""
    folder, _, rest = name.rpartition("/")
    first = folder.partition("/")[0]
    where = f"the folder {first}" if first else "no folder"
    meant = [system for system in SYSTEMS if system == first.lower()]
    base = PurePosixPath(rest).name
    meant = meant or [system for system in SYSTEMS if any(each.layouts_of(f"{system}/{base}") for each in entities)]
    to = f"{meant[0]}/" if len(meant) == 1 else " or ".join(f"{system}/" for system in SYSTEMS)
    return f"it lies in {where}, and only {', '.join(SYSTEMS)} are read: move it to {to}"


def _renamed(name: str, path: Path, look: Look, found: Sequence[Fit]) -> list[str]:
    """The layouts of which it has the headers, and the names that they want."""
    days = _DAY.findall(as_if_unpacked(name).rpartition("/")[2]) or _DAY.findall(name)
    day = dt.date.fromisoformat(days[-1]) if days and _is_day(days[-1]) else _modified(path)
    endings = "".join(PurePosixPath(as_if_unpacked(name)).suffixes[-2:])
    sentences = []
    for layout, called in list(by_name(found))[:NAMES_TOLD]:
        ending = re.search(f"(?i:{SUFFIXES[layout.format]})$", endings)
        wanted = f"{layout.name_for(day)}{ending[0].lower() if ending else _ENDING[layout.format]}"
        is_guessed = not days and layout.name_for(day) != layout.name_for(day + dt.timedelta(days=40))
        hint = ", with the day of the export in it" if is_guessed else ""
        export = "" if layout.format == look.format else f" export it as {layout.format}, and"
        beware = f" ({layout.beware})" if layout.beware else ""
        sentences.append(f"it has the headers of {called}:{export} call it {wanted}{hint}{beware}")
    return ["; or ".join(sentences)]


def _other_name(name: str, entities: Iterable[Entity]) -> str:
    """The name in small letters, or in the folder of its system, if that would be read."""
    base = name.rpartition("/")[2]
    folder = name.partition("/")[0]
    candidates = [each for each in (name.lower(), f"{folder}/{base}", f"{folder}/{base.lower()}") if each != name]
    declared = list(entities)
    return next((each for each in candidates if any(entity.layouts_of(each) for entity in declared)), "")


def _unknown(name: str, look: Look, found: Sequence[Fit]) -> str:
    """What is nearest, and where help is."""
    help_is_there = HELP.format(name=f'"{name}"' if " " in name else name)
    ending = PurePosixPath(as_if_unpacked(name)).suffix.lower()
    if look.format and not re.search(f"(?i:{'|'.join(SUFFIXES.values())})$", as_if_unpacked(name)):
        return f"no layout reads {ending or 'files without an ending'}; it is {look.format}: {help_is_there}"
    if found and found[0].share >= MOST_OF_A_LAYOUT:
        missing = ", ".join(found[0].missing)
        return f"no layout reads it; the nearest is {described(found[0])}, but it has no {missing}: {help_is_there}"
    return f"no layout reads it: {help_is_there}"


def _modified(path: Path) -> dt.date:
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def write_left_alone(connection: duckdb.DuckDBPyConnection, systems: Iterable[str], found: Sequence[LeftAlone]) -> None:
    """Write down what is left alone now in the folders of `systems` and outside of all, in place of what was."""
    for system in systems:
        connection.execute("delete from raw.left_alone where system = ?", [system])
    connection.execute("delete from raw.left_alone where system is null")
    insert_rows(connection, "raw.left_alone", found)
