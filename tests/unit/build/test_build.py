"""The build: dbt really runs here, once, on a project of four KPIs of which two are broken."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_pipeline.build.build import KpiBuild, build
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.errors import ConfigurationError, PipelineError
from kpi_pipeline.warehouse.connection import connect

GOOD = """
select 'month' as period_grain, date '2024-01-01' as period_start, 'all' as dimension, 'all' as member,
    count(*) as numerator, cast(null as bigint) as denominator
from {{ ref('facts') }}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, real_project: Path) -> Any:
    """The settings of the project, and what the build made of it."""
    home = tmp_path_factory.mktemp("build")
    project = home / "dbt_project"
    for name in ("dbt_project.yml", "profiles.yml", "models/_settings__sources.yml"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real_project / "dbt_project" / name, project / name)
    shutil.copytree(real_project / "dbt_project" / "macros", project / "macros")
    (project / "models" / "periods").mkdir()
    for path in (real_project / "dbt_project" / "models" / "periods").glob("*.sql"):
        shutil.copy(path, project / "models" / "periods")
    (project / "models" / "entities").mkdir()
    for entity in ("facts", "nothing"):
        (project / "models" / "entities" / f"{entity}.sql").write_text(
            f"select happened_on from {{{{ source('crm', '{entity}') }}}}", encoding="utf-8"
        )
    staging = project / "models" / "staging" / "crm"
    staging.mkdir(parents=True)
    export = {"rows": "events", "key": ["happened_on"], "dated_by": None, "late_after_days": None}
    tables = [
        {
            "name": name,
            "columns": [{"name": "happened_on", "data_type": "date"}],
            "config": {"meta": {"export": export}},
        }
        for name in ("facts", "nothing")
    ]
    source = {"version": 2, "sources": [{"name": "crm", "schema": "raw", "tables": tables}]}
    (staging / "_crm__sources.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
    meta = {
        "title": {"en": "x", "fa": "x"}, "description_fa": "x", "formula": "x", "why": "x", "unit": "count",
        "range": [0, None], "good": "up", "kind": "sum", "dated_by": "facts.happened_on", "cadence": "month",
        "dimensions": [], "owner": "x", "objective": "x", "success_factor": "x", "level": "kpi", "sets": [],
        "review_by": dt.date(2030, 1, 1), "version": 1,
    }  # fmt: skip
    models = {
        "good": (GOOD, {}),
        "broken": (GOOD.replace("count(*)", "no_such_column"), {}),
        "derived": ("select * from {{ ref('broken') }}", {"kind": "derived"}),
        "misshapen": (GOOD.replace("as member", "as who"), {}),
        "empty": (GOOD.replace("facts", "nothing") + " having count(*) > 0", {"dated_by": "nothing.happened_on"}),
    }
    for name, (sql, given) in models.items():
        path = home / "kpi_models" / "sales" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sql, encoding="utf-8")
        model = {"name": name, "description": "x", "config": {"meta": {"kpi": {**meta, **given}}}}
        path.with_suffix(".yml").write_text(yaml.safe_dump({"models": [model]}), encoding="utf-8")
    for file in ("owners.csv", "objectives.csv"):
        (home / "kpi_models" / file).write_text("key,title_en,title_fa\nx,x,x\n", encoding="utf-8")
    settings = load_settings(
        home=home / "var", exports=home, project=home, grains="month",
        calendar_start=dt.date(2023, 1, 1), calendar_end=dt.date(2025, 12, 31),
    )  # fmt: skip
    settings.home.mkdir()
    with connect(settings) as connection:
        from kpi_pipeline.contracts.export import read_entities
        from kpi_pipeline.warehouse.schema import create_raw_tables

        create_raw_tables(connection, read_entities(project, []))
        connection.execute("insert into raw.facts (happened_on) values ('2024-01-05'), ('2024-01-06')")
    return settings, {result.kpi: result for result in build(settings, dt.date(2024, 1, 31), run="r1")}


@pytest.fixture(scope="module")
def real_project() -> Path:
    return Path(__file__).parents[3]


def test_what_can_be_computed_is_computed_whatever_fails_beside_it(built: Any) -> None:
    settings, builds = built

    assert builds["good"] == KpiBuild("good", "built", "", 1, 0, dt.date(2024, 1, 6))
    with connect(settings) as connection:
        assert connection.execute("select kpi_value from candidate.kpi_values").fetchall() == [(2.0,)]


def test_a_model_whose_sql_fails_is_reported_with_the_words_of_the_database(built: Any) -> None:
    _, builds = built

    assert builds["broken"].status == "failed"
    assert builds["broken"].reason.startswith("its SQL failed: ")
    assert "no_such_column" in builds["broken"].reason


def test_a_model_that_was_skipped_names_the_one_that_failed(built: Any) -> None:
    _, builds = built

    assert (builds["derived"].status, builds["derived"].reason) == (
        "failed", "it was not computed because broken failed",
    )  # fmt: skip


def test_a_result_without_the_six_columns_is_no_kpi_and_is_reported(built: Any) -> None:
    _, builds = built

    assert builds["misshapen"].status == "failed"
    assert builds["misshapen"].reason.startswith("its result is no KPI: it returns no member")


def test_a_kpi_whose_inputs_never_had_a_row_is_no_data(built: Any) -> None:
    _, builds = built

    assert builds["empty"] == KpiBuild("empty", "no_data", "its inputs have no rows yet", 0, 0, None)


def test_the_build_leaves_its_run_in_the_warehouse(built: Any) -> None:
    settings, _ = built

    with connect(settings) as connection:
        assert connection.execute("select run, as_of, is_partial from settings.run").fetchall() == [
            ("r1", dt.date(2024, 1, 31), False)
        ]
        assert connection.execute("select count(*) from audit.builds").fetchall() == [(5,)]


def test_a_build_of_an_unknown_kpi_is_a_sentence(built: Any) -> None:
    settings, _ = built

    with pytest.raises(ConfigurationError, match=r"There is no KPI called goood. `kpi list` names them all"):
        build(settings, dt.date(2024, 1, 31), select=["goood"])


def test_a_partial_build_computes_what_was_asked_for_and_says_that_it_is_partial(built: Any) -> None:
    settings, _ = built
    [result] = build(settings, dt.date(2024, 1, 31), select=["good"])

    assert (result.kpi, result.status) == ("good", "built")
    with connect(settings) as connection:
        assert connection.execute("select is_partial from settings.run").fetchall() == [(True,)]
        assert connection.execute("select kpi from audit.builds").fetchall() == [("good",)]


def test_a_dbt_that_cannot_run_is_a_sentence_with_its_last_words(built: Any) -> None:
    settings, _ = built
    broken = settings.kpi_models / "sales" / "good.sql"
    broken.write_text("{% if %}", encoding="utf-8")

    with pytest.raises(PipelineError, match=r"(?s)dbt could not run\. Its last words:\n.*good"):
        build(settings, dt.date(2024, 1, 31))
