"""The project's SQL as dbt compiles it, in one process of dbt, for whoever then runs it without dbt.

A property test or a mutant needs thousands of runs of the same SQL, and dbt needs a second for one.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

import duckdb

from kpi_pipeline.build.dbt import dbt_command, dbt_environment
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run
from kpi_pipeline.warehouse.schema import create_raw_tables

KPI_SCHEMA = "kpi"
CATALOG = "warehouse"
"""What the database is called in compiled SQL: dbt names it after the file, `Settings.warehouse`."""


@dataclass(frozen=True)
class Model:
    """A model: staging, entity, periods or KPI."""

    name: str
    schema: str
    relation: str
    """Its name in SQL, with the database and the schema."""
    materialized: str
    """table or view"""
    sql: str

    @property
    def is_kpi(self) -> bool:
        """Whether it is one of kpi_models."""
        return self.schema == KPI_SCHEMA

    @property
    def statement(self) -> str:
        """The statement that makes it."""
        return f"create or replace {self.materialized} {self.relation} as\n{self.sql}"


@dataclass(frozen=True)
class UnitTest:
    """A unit test that stands beside a model, and passed."""

    name: str
    model: str
    sql: str
    """The model's SQL, below the given rows: one CTE `__dbt__cte__<input>` for each input."""
    given: Mapping[str, Sequence[Mapping[str, Any]]]
    """The given rows by input, as the YAML has them; none for an input whose rows are SQL."""
    expected_columns: tuple[str, ...]
    """The columns that it looks at."""


@dataclass(frozen=True)
class CompiledProject:
    """What dbt made of the project."""

    models: tuple[Model, ...]
    """Each after those that it reads."""
    unit_tests: tuple[UnitTest, ...]

    @cached_property
    def kpis(self) -> tuple[Model, ...]:
        """The models that are KPIs."""
        return tuple(model for model in self.models if model.is_kpi)


def compile_models(settings: Settings) -> CompiledProject:
    """Compile every model, and leave the unit tests out; seconds.

    Raises:
        RuntimeError: dbt says no.
    """
    _dbt(settings, "compile", "--quiet")
    return CompiledProject(_models(settings), ())


def compile_and_test(settings: Settings) -> CompiledProject:
    """Compile every model and run every unit test, in an empty warehouse of their own; a minute or two.

    Raises:
        RuntimeError: dbt says no, or a unit test fails.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        create_raw_tables(connection, read_entities(settings.dbt_project, settings.layout_folders))
        begin_run(connection, settings, Run("unit tests", settings.calendar_start, is_partial=True))
    _dbt(settings, "build", "--quiet")
    return CompiledProject(_models(settings), _unit_tests(settings))


def new_warehouse(settings: Settings, as_of: dt.date) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory in which compiled SQL finds its tables: raw ones without rows, and the settings."""
    connection = duckdb.connect(config={"threads": settings.threads, "memory_limit": settings.memory_limit})
    connection.execute(f"load icu; set TimeZone = 'UTC'; attach ':memory:' as {CATALOG}; use {CATALOG}")
    create_raw_tables(connection, read_entities(settings.dbt_project, settings.layout_folders))
    begin_run(connection, settings, Run("in memory", as_of, is_partial=False))
    for schema in ("staging", "entities", KPI_SCHEMA):
        connection.execute(f"create schema {schema}")
    return connection


def _dbt(settings: Settings, verb: str, *arguments: str) -> None:
    done = subprocess.run(
        dbt_command(settings, verb, *arguments),
        env=dbt_environment(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"dbt {verb} failed:\n{(done.stdout + done.stderr)[-5000:]}")


def _read(settings: Settings, file: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((settings.dbt_target / file).read_text(encoding="utf-8"))
    return read


def _models(settings: Settings) -> tuple[Model, ...]:
    nodes = {
        name: node for name, node in _read(settings, "manifest.json")["nodes"].items()
        if node["resource_type"] == "model"
    }  # fmt: skip
    compiled = {
        result["unique_id"]: result["compiled_code"] for result in _read(settings, "run_results.json")["results"]
    }
    order = TopologicalSorter({name: nodes.keys() & node["depends_on"]["nodes"] for name, node in nodes.items()})
    return tuple(
        Model(
            nodes[name]["name"], nodes[name]["schema"], nodes[name]["relation_name"],
            nodes[name]["config"]["materialized"], compiled[name],
        )
        for name in order.static_order()
    )  # fmt: skip


def _unit_tests(settings: Settings) -> tuple[UnitTest, ...]:
    declared = _read(settings, "manifest.json")["unit_tests"]
    results = {result["unique_id"]: result for result in _read(settings, "run_results.json")["results"]}
    return tuple(
        UnitTest(
            test["name"],
            test["model"],
            results[name]["compiled_code"],
            {each["input"]: each["rows"] if each["format"] == "dict" else [] for each in test["given"]},
            _expected_columns(test["expect"]),
        )
        for name, test in declared.items()
    )


def _expected_columns(expect: Mapping[str, Any]) -> tuple[str, ...]:
    """As dbt has it: those of the first row, where there is one."""
    if expect["format"] == "sql":
        return tuple(duckdb.sql(f"select * from ({expect['rows']}) limit 0").columns)
    return tuple(expect["rows"][0]) if expect["rows"] else ("*",)
