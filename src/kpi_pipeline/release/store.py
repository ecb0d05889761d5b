"""Releases: immutable folders, and a symlink that says which one is in force.

A reader that opens ``published/current/kpi.duckdb`` gets the whole old release or the whole new one. ``current`` is
replaced by a rename, which no reader can see half done.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.release.files import sync
from kpi_pipeline.warehouse.connection import locked

UNFINISHED = ".building-"
"""Prefix of a folder that is not a release yet; whoever publishes next removes what a killed run left."""


@dataclass(frozen=True)
class Release:
    """A published release, as its manifest describes it."""

    name: str
    as_of: dt.date
    path: Path
    is_current: bool
    held: dict[str, str]
    """Held KPIs and refused exports (``export:orders``), each with the reason."""
    manifest: dict[str, Any]


def list_releases(settings: Settings) -> list[Release]:
    """The releases on disk, newest first."""
    folder = settings.published / "releases"
    if not folder.is_dir():
        return []
    current = _current_name(settings)
    names = sorted((path.name for path in folder.iterdir() if not path.name.startswith(".")), reverse=True)
    return [_read(folder / name, name == current) for name in names]


def current_release(settings: Settings) -> Release | None:
    """The release in force; None before the first."""
    name = _current_name(settings)
    return _read(settings.published / "releases" / name, True) if name else None


def _current_name(settings: Settings) -> str | None:
    return settings.current.readlink().name if settings.current.is_symlink() else None


def _read(path: Path, is_current: bool) -> Release:
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineError(
            f"The release {path.name} has no readable manifest.json. Remove the folder {path}, or roll back to another."
        ) from error
    return Release(path.name, dt.date.fromisoformat(manifest["as_of"]), path, is_current, manifest["held"], manifest)


def held(settings: Settings) -> dict[str, str]:
    """What the current release holds back: KPIs and refused exports (``export:orders``), each with the reason."""
    release = current_release(settings)
    return release.held if release else {}


def begin_release(settings: Settings, now: dt.datetime) -> Path:
    """Make the folder in which a release is written, and remove what killed runs left behind."""
    folder = settings.published / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path)
    work = folder / f"{UNFINISHED}{now:%Y%m%dT%H%M%S%f}"
    work.mkdir()
    return work


def finish_release(settings: Settings, work: Path, name: str) -> Release:
    """Make what is written in `work` the release called `name`, and the current one."""
    path = work.rename(settings.published / "releases" / name)
    sync(path.parent)
    _point_current_at(settings, name)
    return _read(path, True)


def rollback(settings: Settings, name: str | None = None) -> Release:
    """Move ``current`` to the release called `name`, or to the one before the current one.

    Raises:
        ConfigurationError: there is no such release.
    """
    with locked(settings):
        releases = list_releases(settings)
        if name:
            found = next((release for release in releases if release.name == name), None)
        else:
            position = next((i for i, release in enumerate(releases) if release.is_current), None)
            found = releases[position + 1] if position is not None and position + 1 < len(releases) else None
        if found is None:
            known = ", ".join(release.name for release in releases) or "none"
            what = f"There is no release {name}" if name else "There is no earlier release to go back to"
            raise ConfigurationError(f"{what}; releases on disk: {known}.")
        _point_current_at(settings, found.name)
    return _read(found.path, True)


def _point_current_at(settings: Settings, name: str) -> None:
    """Make the release `name` the current one, in one step that a reader cannot see half done."""
    link = settings.published / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / name, target_is_directory=True)
    link.replace(settings.current)
    sync(settings.published)


def remove_old_releases(settings: Settings) -> list[str]:
    """Remove the oldest releases beyond the number to keep, never the current one; returns their names."""
    releases = [release.name for release in list_releases(settings) if not release.is_current]
    surplus = releases[settings.keep_releases - 1 :]
    for name in surplus:
        shutil.rmtree(settings.published / "releases" / name)
    return surplus
