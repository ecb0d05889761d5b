"""The unit tests that stand beside the models: dbt runs every one that is declared, on the tables of a real night."""

from __future__ import annotations

import json
import subprocess

import yaml
from company import ROOT, Company

from kpi_pipeline.build import dbt_command, dbt_environment
from kpi_pipeline.check import check


def _declared() -> set[str]:
    files = [*ROOT.glob("dbt_project/models/**/*.yml"), *ROOT.glob("kpi_models/[!_]*/*.yml")]
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in files]
    tests = [test for document in documents for test in document.get("unit_tests", [])]
    return {f"{test['model']}.{test['name']}" for test in tests}


def test_every_unit_test_of_the_models_passes(real_copy: Company) -> None:
    settings = real_copy.settings
    declared = _declared()
    assert len(declared) >= 50

    for verb, *arguments in (["parse"], ["test", "--select", "test_type:unit"]):
        done = subprocess.run(
            dbt_command(settings, verb, *arguments),
            env=dbt_environment(settings), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-5000:]

    results = json.loads((settings.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    ran = {".".join(result["unique_id"].split(".")[-2:]): result["status"] for result in results}
    assert set(ran) == declared
    assert set(ran.values()) == {"pass"}


def test_the_models_are_in_order(real_copy: Company) -> None:
    assert check(real_copy.settings) == []
