"""What tests share: the real exports published once, and a small company made in seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from company import FEW_KPIS, REAL_AS_OF, REAL_COMPANY, REAL_EXPORTS, REAL_KPIS, Company, few_exports, project_with


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_whoever_runs_the_tests() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KPI_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def real_night(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The exports of tests/real, published as of 2024-06-30. For reading only: see `real_copy`."""
    folder = tmp_path_factory.mktemp("real")
    project = project_with(folder / "project", REAL_KPIS)
    company = Company.at(folder, exports=REAL_EXPORTS, company=REAL_COMPANY, project=project)
    company.night(REAL_AS_OF)
    return company


@pytest.fixture
def real_copy(real_night: Company, tmp_path: Path) -> Company:
    """A copy of the real night, home and exports, for tests that change things."""
    return real_night.copy(tmp_path)


@pytest.fixture(scope="session")
def few_kpis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of five KPIs. For reading only."""
    return project_with(tmp_path_factory.mktemp("few_kpis"), FEW_KPIS)


@pytest.fixture
def small_company(few_kpis: Path, tmp_path: Path) -> Company:
    """A company of five KPIs and a handful of rows, before its first night."""
    company = Company.at(tmp_path, project=few_kpis)
    few_exports(company)
    return company
