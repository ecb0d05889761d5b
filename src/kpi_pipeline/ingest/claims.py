"""Whose a file is: which layouts claim it by its name, and which of them its headers bear out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi_pipeline.contracts.export import SYSTEMS, Entity
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.ingest.archives import members_of, unpacked_member
from kpi_pipeline.ingest.files import exported_files, stray_files
from kpi_pipeline.ingest.fitting import borne_out
from kpi_pipeline.ingest.look import look_at
from kpi_pipeline.ingest.told import LeftAlone, left_alone

Claims = list[tuple[Entity, list[Layout]]]
"""The entities for which a file may be, each with the layouts that claim it by its name."""


@dataclass(frozen=True)
class Exported:
    """A file of the exports folder, or one in an archive there."""

    name: str
    """Its path below the exports folder, through the archive."""
    path: Path
    """The file, or the archive."""
    member: str = ""
    """What it is called in the archive."""

    @contextlib.contextmanager
    def on_disk(self, scratch: Path) -> Iterator[Path]:
        """Where it can be read; one in an archive is in a folder of `scratch` as long as it is needed.

        Raises:
            OSError: the archive cannot be read.
        """
        if not self.member:
            yield self.path
            return
        with unpacked_member(self.path, self.member, scratch) as path:
            yield path


def exports_of(exports: Path, entities: Sequence[Entity], systems: Sequence[str]) -> Iterator[Exported]:
    """The files of the systems' folders, and in place of an archive what is in it.

    An archive of one file under a name that says what is in it (``orders.csv.zip``) is a packed file, and no archive.
    """
    for path in exported_files(exports, systems):
        name = path.relative_to(exports).as_posix()
        members = members_of(path) if path.suffix.lower() == ".zip" else []
        if not members or (len(members) == 1 and any(entity.layouts_of(name) for entity in entities)):
            yield Exported(name, path)
        else:
            yield from (Exported(f"{name}/{member}", path, member) for member in members)


def claims_on(name: str, entities: Sequence[Entity], systems: Sequence[str] = SYSTEMS) -> Claims:
    """Who claims the file called `name`."""
    return [
        (entity, layouts) for entity in entities if entity.system in systems and (layouts := entity.layouts_of(name))
    ]


def settled(
    name: str, path: Path, claims: Claims, entities: Sequence[Entity]
) -> tuple[list[tuple[Entity, Layout]], LeftAlone | None]:
    """Which of the `claims` on the file hold, each with its layout; why it is left alone, where none does."""
    may_be_ours = any(layout in entity.canonical_layouts for entity, layouts in claims for layout in layouts)
    if not may_be_ours and all(len(layouts) == 1 for _, layouts in claims):
        held = [(entity, layouts[0]) for entity, layouts in claims]
        return held, None if held else left_alone(name, path, entities)
    look = look_at(path, name)
    held = [(claim.entity, claim.layout) for claim in borne_out(claims, look, entities)]
    return held, None if held else left_alone(name, path, entities, claimed_by=claims[0][0], look=look)


def strays(settings: Settings, entities: Sequence[Entity]) -> Iterator[LeftAlone]:
    """The files that lie in no system's folder."""
    for path in stray_files(settings):
        yield left_alone(path.relative_to(settings.exports).as_posix(), path, entities)


def not_to_be_opened(name: str, error: OSError) -> LeftAlone:
    """A file that nobody could look at."""
    return LeftAlone(name, name.partition("/")[0], f"it cannot be opened: {error.strerror}")


def files_left_alone(settings: Settings, entities: Sequence[Entity]) -> Iterator[LeftAlone]:
    """What an ingest would leave alone of the files that are there now."""
    for exported in exports_of(settings.exports, entities, SYSTEMS):
        claims = claims_on(exported.name, entities)
        try:
            with exported.on_disk(settings.home / "scratch") as path:
                _, alone = settled(exported.name, path, claims, entities)
        except OSError as error:
            alone = None if claims else not_to_be_opened(exported.name, error)
        if alone:
            yield alone
    yield from strays(settings, entities)
