"""The unit tests that stand beside the models: dbt runs every one that is declared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from company import ROOT, Company
from compiled import compile_and_test

from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.workshop.check import check


def _declared() -> set[str]:
    files = [*ROOT.glob("dbt_project/models/**/*.yml"), *ROOT.glob("kpi_models/[!_]*/*.yml")]
    tests = [test for path in files for test in (read_yaml(path) or {}).get("unit_tests", [])]
    return {f"{test['model']}.{test['name']}" for test in tests}


@pytest.mark.timeout(1200)
def test_every_unit_test_of_the_models_passes(tmp_path: Path) -> None:
    settings = Company.at(tmp_path).settings
    declared = _declared()
    assert len(declared) >= 550

    compile_and_test(settings)

    results = json.loads((settings.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    ran = {
        ".".join(result["unique_id"].split(".")[-2:]): result["status"]
        for result in results
        if result["unique_id"].startswith("unit_test.")
    }
    assert set(ran) == declared
    assert set(ran.values()) == {"pass"}


def test_the_models_are_in_order(tmp_path: Path) -> None:
    assert check(Company.at(tmp_path).settings) == []
