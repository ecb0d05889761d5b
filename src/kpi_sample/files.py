"""From plain rows to the file that a tool leaves: titles, encodings, packing, workbooks; the same bytes each time."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

WRITTEN_AT = dt.datetime(2026, 1, 1)
"""What archives and workbooks say of when they were written: a moment of their own would make other bytes."""


@dataclass(frozen=True)
class Dressing:
    """What a text file has beside its rows."""

    before: tuple[str, ...] = ()
    """Lines before the header; {first} and {last} are the first and last day of the rows."""
    encoding: str = "utf-8"
    line_end: str = "\n"
    delimiter: str = ","


@dataclass(frozen=True)
class Workbook:
    """What a workbook has beside its rows."""

    sheet: str
    before: tuple[tuple[str, ...], ...] = ()
    """Rows before the header."""
    after: tuple[tuple[str, ...], ...] = ()
    """Rows below the last one."""
    right_to_left: bool = False
    tab_by: str = ""
    """Header of a column that is not written: it names the sheet of each row, where there are several."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[IO[str]]:
    """The plain or gzipped text at `path`, in UTF-8, its line ends as they are."""
    with contextlib.ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(path.open("rb"))
        if path.suffix == ".gz":
            raw = cast(IO[bytes], stack.enter_context(gzip.open(raw)))
        yield stack.enter_context(io.TextIOWrapper(raw, "utf-8", newline=""))


@contextlib.contextmanager
def writing(path: Path, dressing: Dressing) -> Iterator[IO[str]]:
    """A text to write to, that becomes the file `path`: lines end as `dressing` says, ``.gz`` and ``.zip`` are packed.

    A surrogate becomes the byte that it stands for, so that text may hold what is no text.
    """
    with contextlib.ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            # neither a name nor a moment in its head
            raw = cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0)))
        elif path.suffix == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED))
            member = zipfile.ZipInfo(path.stem, WRITTEN_AT.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            raw = stack.enter_context(archive.open(member, "w", force_zip64=True))
        text = io.TextIOWrapper(raw, dressing.encoding, errors="surrogateescape", newline=dressing.line_end)
        yield text
        text.flush()
        text.detach()


def workbook_bytes(book: Workbook, rows: Sequence[Sequence[str | None]]) -> bytes:
    """A workbook of the header and its rows. Cells that hold plain numbers are numbers, as if somebody typed them."""
    from openpyxl import Workbook as Book

    made = Book()
    made.remove(made.worksheets[0])
    for title, rows_of_sheet in _sheets(book, rows).items():
        sheet = made.create_sheet(title)
        sheet.sheet_view.rightToLeft = book.right_to_left
        for row in [*book.before, *rows_of_sheet, *book.after]:
            sheet.append([_cell(cell) for cell in row])
    written, again = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as archive, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(archive.namelist()):
            content = archive.read(name)
            if name == "docProps/core.xml":
                content = _at_one_moment(content)
            target.writestr(zipfile.ZipInfo(name, WRITTEN_AT.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return again.getvalue()


def _sheets(book: Workbook, rows: Sequence[Sequence[str | None]]) -> dict[str, list[Sequence[str | None]]]:
    """The rows of each sheet, each with the header, by its title; in the order in which they come."""
    if not book.tab_by:
        return {book.sheet: list(rows)}
    header = rows[0]
    place = header.index(book.tab_by)
    sheets: dict[str, list[Sequence[str | None]]] = {}
    for row in rows[1:]:
        cells = sheets.setdefault(str(row[place]), [[*header[:place], *header[place + 1 :]]])
        cells.append([*row[:place], *row[place + 1 :]])
    return sheets


def _cell(text: object) -> str | int | float | None:
    if text is None or text == "":
        return None
    written = str(text)
    if written.isascii() and written.replace(".", "", 1).isdigit():
        return float(written) if "." in written else int(written)
    return written


def _at_one_moment(core: bytes) -> bytes:
    """The workbook's properties with both of their moments, which saving stamps, set to `WRITTEN_AT`."""
    for tag in (b"dcterms:created", b"dcterms:modified"):
        begin = core.index(b">", core.index(b"<" + tag)) + 1
        core = core[:begin] + f"{WRITTEN_AT.isoformat()}Z".encode() + core[core.index(b"</" + tag + b">") :]
    return core
