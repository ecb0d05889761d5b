"""``kpi check --tests``: the unit tests that stand beside the models."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kpi_pipeline.build.dbt import run_dbt
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import read_registry
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run, new_run_name
from kpi_pipeline.warehouse.schema import create_raw_tables


def run_unit_tests(settings: Settings, names: Sequence[str] = ()) -> tuple[bool, str]:
    """Run the unit tests of the KPIs called `names`, of all models where none is named.

    They run in a warehouse of their own, with every table and no row: neither data nor a running night matters.

    Returns:
        Whether at least one test ran and all passed, and what dbt says.

    Raises:
        ConfigurationError: there is no such KPI.
    """
    known = {kpi.name for kpi in read_registry(settings.kpi_models)}
    if unknown := sorted(set(names) - known):
        raise ConfigurationError(f"There is no KPI called {', '.join(unknown)} in {settings.kpi_models}.")
    with tempfile.TemporaryDirectory(prefix="kpi-unit-tests-") as folder:
        empty = settings.model_copy(update={"home": Path(folder)})
        with connect(empty) as connection:
            create_raw_tables(connection, read_entities(settings.dbt_project, settings.layout_folders))
            begin_run(connection, empty, Run(new_run_name(), settings.yesterday(), is_partial=True))
        upstream = [f"+{name}" for name in names]
        made = run_dbt(empty, "run", "--quiet", "--empty", *(["--select", *upstream] if names else []))
        if made.returncode:
            return False, made.stdout + made.stderr
        selected = [f"{name},resource_type:unit_test" for name in names] or ["resource_type:unit_test"]
        tested = run_dbt(empty, "test", "--select", *selected)
    words = tested.stdout + tested.stderr
    return tested.returncode == 0 and "Nothing to do" not in words, words
