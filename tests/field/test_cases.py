"""Every folder beside this file, through the whole pipeline to the published table: each becomes the right number."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from field.pipeline import Compiled, FieldCompany, Night, compiled_once
from field.rights import BY_NAME, CASES, HELD, RIGHTS, Case, Right, case_of


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled_once(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def night_of(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Night]:
    """The last night of a case; each is run once."""
    done: dict[str, Night] = {}

    def night(name: str) -> Night:
        if name not in done:
            done[name] = run(case_of(name), name, compiled, tmp_path_factory.mktemp("case"))
        return done[name]

    return night


def run(case: Case, name: str, compiled: Compiled, folder: Path) -> Night:
    kpis = {right.kpi for right in RIGHTS if right.case == name and right.kpi} or {"successful_orders"}
    shutil.copytree(CASES / case.folder / case.exports, folder / "exports")
    own_layouts = CASES / case.folder / "company"
    settings = case.settings | ({"company": own_layouts} if own_layouts.exists() else {})
    company = FieldCompany.at(folder, compiled, sorted(kpis), **settings)
    night = company.night(case.as_of)
    if case.later[0]:
        shutil.copytree(CASES / case.folder / case.later[0], folder / "exports" / case.later[1], dirs_exist_ok=True)
        night = company.night(case.as_of)
    return night


def is_there(value: str, right: Right, night: Night) -> bool:
    """Whether `value` is what was published."""
    dimension, _, member = right.of.partition(" ")
    found = night.values.get((right.kpi, right.period, dimension, member))
    if value == HELD:
        return found is None
    if found is None:
        return value in ("0/0", "0")  # nothing happened: no row
    expected: tuple[str, ...] = tuple(value.split("/"))
    parts = found[: len(expected)] if len(expected) == 2 else found[2:]
    return all(
        text == "" or (part or 0) == pytest.approx(float(text), rel=1e-6)
        for text, part in zip(expected, parts, strict=True)
    )


def wrong(right: Right, night: Night) -> str:
    """What is wrong; nothing where it is right."""
    told = [sentence for sentence in night.sentences if right.says and re.search(right.says, sentence, re.DOTALL)]
    seen = {key: value for key, value in night.values.items() if key[:2] == (right.kpi, right.period)}
    if right.says and not right.otherwise and not told:
        return f"nobody is told {right.says}; told is:\n" + "\n".join(night.sentences)
    if right.never and any(re.search(right.never, sentence) for sentence in night.sentences):
        return f"somebody is told {right.never}:\n" + "\n".join(night.sentences)
    if not right.kpi or is_there(right.value, right, night):
        return ""
    if right.otherwise and is_there(right.otherwise, right, night):
        return (
            ""
            if told
            else f"{right.otherwise} stands there and nobody is told {right.says}:\n" + "\n".join(night.sentences)
        )
    return f"{right.value} is right; there are {seen}\n" + "\n".join(night.sentences)


@pytest.mark.parametrize(
    "right",
    RIGHTS,
    ids=str,
)
def test_it_comes_out_right(right: Right, night_of: Callable[[str], Night]) -> None:
    assert wrong(right, night_of(right.case)) == ""


def test_every_folder_is_a_test() -> None:
    folders = {path.name for path in CASES.iterdir() if (path / "expected.md").exists()}
    assert len(folders) >= 48
    assert folders == {case_of(right.case).folder for right in RIGHTS}
    assert BY_NAME.keys() <= {right.case for right in RIGHTS}
