"""requirements.lock: what `make setup` and the image install is what pyproject.toml asks for, from any index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)}


def test_the_lock_satisfies_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
    ]
    assert len(wanted) > 20
    for requirement in map(Requirement, wanted):
        locked = LOCKED.get(canonicalize_name(requirement.name))
        assert locked, f"{requirement.name} is not in requirements.lock: make lock"
        assert requirement.specifier.contains(locked), f"{requirement} but {locked} is locked: make lock"


def test_every_locked_package_has_hashes_and_no_address() -> None:
    entries = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED) > 200
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
