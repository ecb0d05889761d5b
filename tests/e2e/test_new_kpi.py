"""A new KPI is two files and a target: the steps of docs/add-a-kpi.md, taken as they stand there."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from company import FEW_KPIS, ROOT, Company, environment, project_with

PAGE = ROOT / "docs" / "add-a-kpi.md"
NAME = "guest_order_share"
TWO_FILES = {f"kpi_models/sales/{NAME}.sql", f"kpi_models/sales/{NAME}.yml"}
END_OF_STEP = "\x1e"


@dataclass(frozen=True)
class Step:
    """A block of the page: commands to run, their output, or a file that the words before it name."""

    language: str
    text: str
    file: str | None
    is_addition: bool


def _steps() -> list[Step]:
    steps = []
    words = ""
    for before, language, text in re.findall(r"(.*?)^```(\w*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.M):
        words = before.strip().rsplit("\n\n", 1)[-1]
        named = re.findall(r"`([\w./-]+/[\w.-]+\.(?:csv|yml|sql))`", words)
        is_file = language not in ("sh", "")
        assert not is_file or len(named) == 1, f"which file is it, after {words!r}?"
        steps.append(Step(language, text, named[0] if is_file else None, "At the end of" in words))
    return steps


def _script(steps: list[Step], staged: Path) -> str:
    """The page as one shell session: its commands as they stand, its files written when their turn comes."""
    lines = []
    for number, step in enumerate(steps):
        if step.file is not None:
            source = staged / str(number)
            source.write_text(step.text, encoding="utf-8")
            lines.append(f"mkdir -p {shlex.quote(str(Path(step.file).parent))}")
            lines.append(f"cat {shlex.quote(str(source))} {'>>' if step.is_addition else '>'} {shlex.quote(step.file)}")
        elif step.language == "sh":
            for command in step.text.splitlines():
                lines += [command, f"printf '\\n%s\\n{END_OF_STEP}' \"$?\""]
    return "\n".join(lines) + "\n"


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "var"
    }


@dataclass(frozen=True)
class Walk:
    """What came of following the page."""

    steps: list[Step]
    said: dict[str, tuple[int, str]]
    """Command: its exit code and everything that it printed."""
    changed: set[str]
    project: Path


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("add-a-kpi")
    project = project_with(folder / "project", FEW_KPIS)
    before = _files(project)
    (folder / "bin").mkdir()
    (folder / "staged").mkdir()
    kpi = folder / "bin" / "kpi"
    kpi.write_text(f'#!/bin/sh\nexec {shlex.join(Company.at(folder).command())} "$@"\n', encoding="utf-8")
    kpi.chmod(0o755)
    given = environment(KPI_PROJECT=str(project))
    steps = _steps()
    done = subprocess.run(
        ["bash", "-c", _script(steps, folder / "staged")],
        env=given | {"PATH": f"{kpi.parent}:{given['PATH']}"},
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    commands = [line for step in steps if step.language == "sh" for line in step.text.splitlines()]
    outputs = done.stdout.split(END_OF_STEP)[:-1]
    said = {}
    for command, output in zip(commands, outputs, strict=True):
        words, code = output.rstrip("\n").rsplit("\n", 1)
        said[command] = (int(code), words)
    after = _files(project)
    changed = {file for file in before.keys() | after.keys() if before.get(file) != after.get(file)}
    return Walk(steps, said, changed, project)


@pytest.fixture
def company(walk: Walk, tmp_path: Path) -> Company:
    """The company that the page founds, to ask what it published."""
    home = walk.project / "var" / "try"
    return Company.at(tmp_path, home=home, exports=home / "exports", project=walk.project)


def test_the_page_has_commands_yaml_and_sql_in_the_order_of_the_work(walk: Walk) -> None:
    assert [step.language for step in walk.steps] == [
        "sh",
        "csv",
        "sh",
        "yaml",
        "sql",
        "yaml",
        "sh",
        "",
        "csv",
        "sh",
        "",
        "sh",
    ]


def test_every_command_of_the_page_works_and_the_unfinished_kpi_is_told(walk: Walk) -> None:
    unfinished = walk.said["kpi check"]

    assert {command: code for command, (code, _) in walk.said.items() if code} == {"kpi check": 2}, walk.said
    for field in ("description", "title.en", "title.fa", "formula", "unit", "level"):
        assert f"{NAME}.yml: {field}" in unfinished[1]


def test_the_commands_print_what_the_page_says(walk: Walk) -> None:
    promised = [line for step in walk.steps if step.language == "" for line in step.text.splitlines()]
    printed = {" ".join(line.split()) for _, words in walk.said.values() for line in words.splitlines()}

    assert len(promised) == 3
    assert [line for line in promised if " ".join(line.split()) not in printed] == [], walk.said


def test_two_files_and_a_target_are_all_that_is_touched(walk: Walk) -> None:
    assert walk.changed == TWO_FILES | {"kpi_models/targets.csv"}


def test_the_scaffold_has_a_place_for_every_field(walk: Walk) -> None:
    template = (ROOT / "kpi_models/_template/kpi.yml").read_text(encoding="utf-8")
    offered, written = (
        set(yaml.safe_load(text)["models"][0]["config"]["meta"]["kpi"])
        for text in (template, (walk.project / f"kpi_models/sales/{NAME}.yml").read_text(encoding="utf-8"))
    )

    assert offered <= written
    assert {field for field in written - offered if f"# {field}" not in template} == {"retired"}


def test_the_number_is_published_with_its_meaning(company: Company) -> None:
    # completed: 1 by c1 and 2 and 5 by guests on the web, 4 by c2 in the store; 3 was cancelled
    assert company.query(
        "select dimension, member, numerator, denominator, kpi_value from kpi_values "
        "where kpi = ? and period_grain = 'month' order by all",
        [NAME],
    ) == [("all", "all", 2, 4, 0.5), ("channel", "store", 0, 1, 0), ("channel", "web", 2, 3, 2 / 3)]
    assert company.query("select title_fa, inputs, review_by from kpi_catalog where kpi = ?", [NAME]) == [
        ("سهم سفارش‌های مهمان", "customers, orders", dt.date(2027, 3, 31))
    ]


def test_its_end_is_written_into_its_yaml(walk: Walk) -> None:
    document = yaml.safe_load((walk.project / f"kpi_models/sales/{NAME}.yml").read_text(encoding="utf-8"))

    assert document["models"][0]["config"]["meta"]["kpi"]["retired"] == {
        "last_day": dt.date(2024, 12, 31), "successor": "successful_orders",
        "because": "We ask everybody for an account now.",
    }  # fmt: skip


def test_its_members_are_shown(walk: Walk) -> None:
    lines = [" ".join(line.split()) for line in walk.said[f"kpi show {NAME} --by channel"][1].splitlines()]

    assert lines[-2:] == ["web 66.67 %", "store 0.00 %"]
