"""The house: imports run one way, and a fact that would drift stands in one place."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import kpi_pipeline
from kpi_pipeline.contracts.grain import CADENCES
from kpi_pipeline.contracts.kind import KINDS
from kpi_pipeline.contracts.unit import UNITS
from kpi_pipeline.contracts.words import DIRECTIONS, LEVELS
from kpi_pipeline.workshop.doctor import pinned_duckdb

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(project: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the packages of `project`, by the contracts of its pyproject.toml."""
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(project / "src"), str(project)])},
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_imports_run_downwards() -> None:
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("src/kpi_pipeline/contracts/words.py", "import kpi_pipeline.warehouse.run", "rooms import downwards"),
        ("src/kpi_pipeline/build/dbt.py", "import kpi_pipeline.ingest.ingest", "rooms import downwards"),
        ("src/kpi_pipeline/tell/read.py", "import kpi_pipeline.workshop.doctor", "rooms import downwards"),
        ("src/kpi_sample/files.py", "import kpi_pipeline.build.dbt", "the sample company knows contracts and"),
        ("src/kpi_pipeline/workshop/doctor.py", "import kpi_sample", "only the command line knows the sample company"),
        ("src/kpi_pipeline/build/dbt.py", "import expectations.rules", "only the audit knows the expectations"),
        ("expectations/rules.py", "import kpi_pipeline.warehouse.schema", "expectations know contracts, and"),
    ],
)
def test_an_import_that_goes_up_is_found(tmp_path: Path, file: str, line: str, broken: str) -> None:
    for name in ("src/kpi_pipeline", "src/kpi_sample", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "sql", "exports"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")

    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.findall(rf"^({re.escape(broken)}.*) BROKEN$", done.stdout, re.MULTILINE), done.stdout


def test_a_dag_imports_verbs_inside_its_tasks_only() -> None:
    """Airflow parses these files again and again; what is heavy waits for the task that needs it."""
    dags = sorted((ROOT / "dags").glob("*.py"))
    imported = {
        module
        for path in dags
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        for module in _modules(statement)
        if module.startswith(("kpi_", "expectations"))
    }

    assert len(dags) == 2
    assert imported
    allowed = ("kpi_pipeline.schedule", "kpi_pipeline.contracts.", "kpi_pipeline.errors")
    assert [module for module in imported if not module.startswith(allowed)] == []


def _modules(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        return [statement.module or ""]
    return [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []


# --- one place per fact ---


def pyproject() -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def test_the_version_is_that_of_pyproject_and_the_changelog_begins_with_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert kpi_pipeline.__version__ == pyproject()["version"]
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == pyproject()["version"]


@pytest.mark.parametrize(
    "file", ["dbt_project/dbt_project.yml", "docker-compose.yml", "Dockerfile", "README.md", "Makefile"]
)
def test_nobody_else_says_the_version_or_that_of_duckdb(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")

    assert str(pyproject()["version"]) not in re.findall(r"[\d.]*\d", text)
    assert pinned_duckdb() not in text


def test_duckdb_is_pinned_exactly_and_compose_reads_the_lock() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    dockerfile = compose["services"]["superset"]["build"]["dockerfile_inline"].replace("$$", "$")
    [found] = re.findall(r'"\$\((grep .*?) /tmp/requirements\.lock\)"', dockerfile)
    asked = subprocess.run(
        ["bash", "-c", f"{found} requirements.lock"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert f"duckdb=={pinned_duckdb()}" in str(pyproject()["dependencies"])
    assert asked.stdout.split() == [f"duckdb=={pinned_duckdb()}"]


@pytest.mark.parametrize(
    ("field", "words"),
    [("unit", UNITS), ("good", DIRECTIONS), ("kind", KINDS), ("cadence", CADENCES), ("level", LEVELS)],
)
def test_the_template_of_a_kpi_names_all_that_a_field_can_be(field: str, words: dict[str, object]) -> None:
    template = (ROOT / "kpi_models" / "_template" / "kpi.yml").read_text(encoding="utf-8")
    [comment] = re.findall(rf"^ +{field}: .*?# (.*)$", template, re.MULTILINE)

    assert re.findall(r"\w+", comment.replace(" or ", " ")) == list(words)
