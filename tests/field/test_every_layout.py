"""What must hold of every layout there is, shown on the golden file of each.

The same content under a later name says nothing new; a header may be spelled as people spell it; a row that stands
there twice is what its entity says: the same thing, another part, another line, another event.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from company import ROOT, Company
from compiled import compile_models
from golden.test_layouts import CASES, CURRENCIES

from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.layout import Layout
from kpi_pipeline.ingest.formats.header import headers_of_every_file
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run

pytestmark = pytest.mark.long

ENTITIES = read_entities(ROOT / "dbt_project", [ROOT / "layouts"])
LAYOUTS = {layout.name: (entity, layout) for entity in ENTITIES for layout in entity.layouts}
TEXTS = [case for case in CASES if LAYOUTS[case.name][1].format == "csv"]
AS_OF = dt.date(2027, 12, 31)
"""After all that a golden file tells."""


@dataclass(frozen=True)
class Staging:
    """The SQL of each staging model, and a warehouse in which it is the day after all that a golden file tells."""

    sql: Mapping[str, str]
    warehouse: Path


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Staging:
    settings = Company.at(tmp_path_factory.mktemp("compiled")).settings
    sql = {model.name: model.sql for model in compile_models(settings).models if model.schema == "staging"}
    with connect(settings) as connection:
        begin_run(connection, settings, Run("a question", AS_OF, is_partial=False))
    return Staging(sql, settings.warehouse)


class Door:
    """A company that gets the golden file of a layout, and then others."""

    def __init__(self, folder: Path, case: Path, staging: Staging) -> None:
        self.entity, self.layout = LAYOUTS[case.name]
        shutil.copytree(case / self.entity.system, folder / "exports" / self.entity.system)
        currency = CURRENCIES.get(case.name, "USD")
        self.company = Company.at(folder, quarantine_max_share=0.5, currency=currency)
        self.company.settings.home.mkdir(parents=True)
        shutil.copy(staging.warehouse, self.company.settings.warehouse)
        self.sql = staging.sql[f"stg_{self.entity.system}__{self.entity.name}"]
        self.file = next(path for path in sorted(self.company.settings.exports.rglob("*")) if self._is_ours(path))

    def _is_ours(self, path: Path) -> bool:
        return path.is_file() and self.layout.claims(path.relative_to(self.company.settings.exports).as_posix())

    def take(self) -> FileLoad:
        """What the last file of the layout became."""
        loads = [load for load in ingest(self.company.settings).files if load.layout == self.layout.name]
        assert {load.status for load in loads} <= {"loaded", "known"}, loads
        return loads[-1]

    def rows(self) -> Counter[tuple[Any, ...]]:
        """What counts of the entity now, but for keys that a tool does not have."""
        with connect(self.company.settings) as connection:
            left_out = f"exclude ({self.layout.row_key})" if self.layout.row_key else ""
            return Counter(map(repr, connection.execute(f"select * {left_out} from ({self.sql})").fetchall()))


@pytest.fixture
def door(request: pytest.FixtureRequest, tmp_path: Path, staging: Staging) -> Door:
    made = Door(tmp_path, request.param, staging)
    made.take()
    return made


def named(path: Path, layout: Layout) -> Path:
    """A name of the layout for the next edition of the file at `path`: a later day, or a browser's " (1)"."""
    date = layout.file_date(path.parent.name + "/" + path.name)
    if date:
        for written in ("%Y-%m-%d", "%Y-%m"):
            day = date.strftime(written)
            if day in path.name:
                return path.with_name(path.name.replace(day, (date + dt.timedelta(days=400)).strftime(written)))
    stem, dot, ending = path.name.partition(".")
    return path.with_name(f"{stem} (1){dot}{ending}")


@pytest.mark.parametrize("door", CASES, indirect=True, ids=lambda case: case.name)
def test_the_same_under_a_later_name_says_nothing_new(door: Door) -> None:
    before = door.rows()
    assert before
    shutil.copy(door.file, named(door.file, door.layout))
    door.take()
    assert door.rows() == before


def lines_of(door: Door) -> tuple[list[str], int, str]:
    """The lines of the file, which of them is the header, and how it is encoded."""
    content = door.file.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and door.layout.encoding.startswith("windows"):
        encoding = door.layout.encoding
    lines = content.decode(encoding).splitlines(keepends=True)
    wanted = {re.sub(r"[^\w]", "", name).casefold() for name in headers_of_every_file(door.layout)}
    likeness = [
        len(wanted & {re.sub(r"[^\w]", "", cell).casefold() for cell in re.split(r"[,;\t|]", line)}) for line in lines
    ]
    return lines, likeness.index(max(likeness)), encoding


def write(door: Door, lines: list[str], encoding: str) -> None:
    door.file.write_bytes("".join(lines).encode(encoding))


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_a_header_may_be_spelled_as_people_spell_it(case: Path, tmp_path: Path, staging: Staging) -> None:
    right, other = Door(tmp_path / "right", case, staging), Door(tmp_path / "other", case, staging)
    lines, header, encoding = lines_of(other)
    lines[header] = lines[header].upper().replace(" ", "_")
    write(other, lines, encoding)
    right.take()
    other.take()
    if not right.layout.row_key:
        assert other.rows() == right.rows()
    assert sum(other.rows().values()) == sum(right.rows().values())


def first_row(lines: list[str], header: int) -> str | None:
    """The first line below the header that is a row by itself."""
    columns = len(next(csv.reader(io.StringIO(lines[header]))))
    for line in lines[header + 1 :]:
        if line.count('"') % 2 == 0 and len(next(csv.reader(io.StringIO(line)), [])) == columns:
            return line if line.endswith("\n") else f"{line}\n"
    return None


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_a_row_that_stands_there_twice_is_what_its_entity_says(case: Path, tmp_path: Path, staging: Staging) -> None:
    once, twice = Door(tmp_path / "once", case, staging), Door(tmp_path / "twice", case, staging)
    lines, header, encoding = lines_of(twice)
    row = first_row(lines, header)
    if row is None or once.layout.totals:
        pytest.skip("no line of it is a row by itself, or its total would not be the sum any more")
    lines.insert(header + 1, row)
    write(twice, lines, encoding)
    first, second = once.take(), twice.take()
    told = {
        name: getattr(second, f"rows_{name}") - getattr(first, f"rows_{name}")
        for name in ("loaded", "added_up", "repeated", "left_out", "quarantined")
    }
    others = {"left_out", "quarantined"}
    expected = "added_up" if once.entity.rows == "reports" else "repeated"
    if once.layout.row_key:  # events and lines to which their tool gives no id
        expected = "loaded"
    assert {name for name, more in told.items() if more} <= {expected, *others}
    assert sum(told.values()) == 1
    is_new = told[expected] and expected in ("loaded", "added_up")
    if once.entity.rows != "reports":  # staging may have added them up
        assert sum(twice.rows().values()) - sum(once.rows().values()) == (1 if is_new else 0)
