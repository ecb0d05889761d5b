"""A file as it lies in the exports folder, made plain: unpacked, and its text in UTF-8 with a row a line.

Unpacked here, because DuckDB reads a damaged gzip without a word.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.errors import UnreadableFileError, first_line
from kpi_pipeline.ingest.formats.reading import Format

BOM = b"\xef\xbb\xbf"
BYTES_AT_ONCE = 4 * 1024 * 1024

_CONTENTS = {
    b"\x1f\x8b": "gzip",
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or workbook",
    b"PK\x05\x06": "a zip archive or workbook",
}
"""First bytes: what they show a file to be; anything else is text. The whole mark counts: a text may begin with PA."""

_PACKED = {".gz": "gzip", ".zip": "a zip archive or workbook"}


@contextlib.contextmanager
def as_plain_file(path: Path, layout: Layout, file_format: Format, scratch: Path) -> Iterator[Path]:
    """`path` as a file that DuckDB reads: text in UTF-8, not packed. Often that is `path` itself.

    Raises:
        UnreadableFileError: the file is empty, is not in the format that its layout names, or not in its encoding.
    """
    _check_content(path, file_format)
    if not file_format.is_text:
        yield path
        return
    with contextlib.ExitStack() as stack:

        def new_folder() -> Path:
            return stack.enter_context(_folder_in(scratch))

        plain = path
        try:
            if path.suffix.lower() in _PACKED:
                plain = _unpacked(path, new_folder())
            encoding = _encoding_of(plain, layout)
            if encoding != "utf-8":
                plain = _recoded(plain, encoding, new_folder())
            plain = file_format.as_lines(plain, layout, path.name, new_folder)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableFileError(f"it cannot be unpacked: {first_line(error)}") from error
        except UnicodeError as error:
            raise UnreadableFileError(f"it is not {layout.encoding} text: {first_line(error)}") from error
        yield plain


def _check_content(path: Path, file_format: Format) -> None:
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        raise UnreadableFileError("the file is empty, not even a header is in it; export it again")
    actual = next((content for mark, content in _CONTENTS.items() if head.startswith(mark)), "text")
    expected = _PACKED.get(path.suffix.lower(), "text") if file_format.is_text else file_format.content
    if actual != expected:
        raise UnreadableFileError(
            f"its name promises {expected}, its content is {actual}; export it again or give it its right name"
        )


@contextlib.contextmanager
def _folder_in(scratch: Path) -> Iterator[Path]:
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="reading-") as folder:
        yield Path(folder)


def _unpacked(path: Path, folder: Path) -> Path:
    plain = folder / "unpacked.txt"
    with contextlib.ExitStack() as stack:
        if path.suffix.lower() == ".gz":
            packed: IO[bytes] = cast(IO[bytes], stack.enter_context(gzip.open(path)))
        else:
            archive = stack.enter_context(zipfile.ZipFile(path))
            members = [
                info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")
            ]
            if len(members) != 1:
                raise UnreadableFileError(f"it holds {len(members)} files; pack one export into a zip")
            packed = stack.enter_context(archive.open(members[0]))
        with plain.open("wb") as stream:
            shutil.copyfileobj(packed, stream, BYTES_AT_ONCE)
    return plain


def _encoding_of(path: Path, layout: Layout) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(BOM):
        return "utf-8"
    return "utf-16-le" if layout.encoding == "utf-16" else layout.encoding


def _recoded(path: Path, encoding: str, folder: Path) -> Path:
    plain = folder / "recoded.txt"
    with (
        path.open("rb") as stream,
        io.TextIOWrapper(stream, encoding, newline="") as text,
        plain.open("w", encoding="utf-8", newline="") as recoded,
    ):
        shutil.copyfileobj(text, recoded)
    return plain
