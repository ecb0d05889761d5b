"""Given these files, these rows: each folder here is a case, its README.md says how the rows were worked out by hand.

For every KPI, grain and dimension that `expected.csv` mentions, the published rows are exactly those listed. An empty
kpi_value is NULL; nine decimals are given where there are more, and eight must hold (a day's
earnings are rounded to ten).
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
import yaml
from company import ROOT, Company, project_with

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/expected.csv"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _published(night: Company, table: str, columns: list[str], where: str = "true") -> list[dict[str, str | None]]:
    found = night.query(f"select {', '.join(columns)} from {table} where {where}")
    texts = [[str(value).lower() if isinstance(value, bool) else value for value in row] for row in found]
    return [dict(zip(columns, row, strict=True)) for row in texts]


def _same(given: object, expected: str) -> bool:
    if expected == "":
        return given is None
    if isinstance(given, float):
        return abs(given - float(expected)) <= 1e-8
    return str(given) == expected


def test_there_are_cases_and_each_explains_itself() -> None:
    assert len(CASES) >= 5
    for case in CASES:
        assert len((case / "README.md").read_text(encoding="utf-8")) > 300
        assert len(_rows(case / "expected.csv")) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_given_files_expected_rows(case: Path, tmp_path: Path) -> None:
    expected = _rows(case / "expected.csv")
    night_yml = yaml.safe_load((case / "night.yml").read_text(encoding="utf-8"))
    names = sorted({row["kpi"] for row in expected})
    paths = [next((ROOT / "kpi_models").glob(f"*/{name}.yml")) for name in names]
    targets = case / "targets.csv"
    project = project_with(
        tmp_path / "project",
        [f"{path.parent.name}/{path.stem}" for path in paths],
        targets if targets.exists() else None,
    )
    company = Company.at(tmp_path, exports=case / "exports", project=project, **night_yml.get("settings", {}))
    as_of: dt.date = night_yml["as_of"]

    release = company.night(as_of)

    assert release.held == {}
    assert release.as_of == as_of
    _assert_values(company, expected)
    if (case / "expected_scorecard.csv").exists():
        _assert_scorecard(company, _rows(case / "expected_scorecard.csv"))


def _assert_values(night: Company, expected: list[dict[str, str]]) -> None:
    columns = ["kpi", "period_grain", "period_start", "dimension", "member", "kpi_value"]
    mentioned = {(row["kpi"], row["period_grain"], row["dimension"]) for row in expected}
    published = {
        tuple(str(row[column]) for column in columns[:-1]): row["kpi_value"]
        for row in _published(night, "kpi_values", columns)
        if (row["kpi"], row["period_grain"], row["dimension"]) in mentioned
    }
    wanted = {tuple(row[column] for column in columns[:-1]): row["kpi_value"] for row in expected}
    assert published.keys() == wanted.keys()
    wrong = {key: (published[key], wanted[key]) for key in wanted if not _same(published[key], wanted[key])}
    assert wrong == {}


def _assert_scorecard(night: Company, expected: list[dict[str, str]]) -> None:
    assert expected
    for row in expected:
        where = f"kpi = '{row['kpi']}' and period_grain = '{row['period_grain']}'"
        where += f" and period_start = date '{row['period_start']}'"
        (published,) = _published(night, "kpi_scorecard", list(row), where)
        wrong = {name: (published[name], row[name]) for name in row if not _same(published[name], row[name])}
        assert wrong == {}, f"{row['kpi']} {row['period_start']}"
