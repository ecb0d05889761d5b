"""Archives of several exports, as tools hand them out: every file in them is a file of its own.

A file in an archive is called ``crm/archive.zip/file.csv``. What is hidden in it, and what macOS adds, is none.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

BYTES_AT_ONCE = 4 * 1024 * 1024


def members_of(path: Path) -> list[str]:
    """The files in the archive at `path`, in its order; none where it is no archive that can be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir() and _is_there(info.filename)]
    except (OSError, zipfile.BadZipFile):
        return []


def _is_there(member: str) -> bool:
    parts = PurePosixPath(member).parts
    is_a_note = parts[-1].lower().partition(".")[0] == "readme" or member.lower().endswith((".md", ".part", ".tmp"))
    return not is_a_note and not any(part.startswith(".") or part == "__MACOSX" for part in parts)


@contextlib.contextmanager
def open_member(path: Path, member: str) -> Iterator[IO[bytes]]:
    """The bytes of a file in an archive.

    Raises:
        OSError: it cannot be read: it is damaged, or behind a password.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise OSError(0, f"{error}; unpack the archive") from error


@contextlib.contextmanager
def unpacked_member(path: Path, member: str, scratch: Path) -> Iterator[Path]:
    """The file in the archive as a file of its name in a folder of `scratch`, as long as it is needed.

    Raises:
        OSError: it cannot be read.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="unpacking-") as folder:
        plain = Path(folder) / PurePosixPath(member).name
        with open_member(path, member) as stream, plain.open("wb") as written:
            shutil.copyfileobj(stream, written, BYTES_AT_ONCE)
        yield plain
