"""What dbt and DuckDB say of the models before any night: what each reads, and which columns it has.

dbt compiles the project once; DuckDB then binds every model on empty tables, in memory, so that a column that is not
there is found without a row of data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb

from kpi_pipeline.build.candidates import columns_there, problem_of
from kpi_pipeline.build.dbt import run_dbt
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.contracts.lineage import SETTINGS_SOURCE, Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError, first_line
from kpi_pipeline.warehouse.run import Run, begin_run
from kpi_pipeline.warehouse.schema import create_raw_tables

_WITHOUT_A_WAREHOUSE = ("--no-introspect", "--no-populate-cache")


def project_lineage(settings: Settings) -> Lineage:
    """The graph of the project as its files are now, from the last build where that knew the same files.

    Raises:
        ConfigurationError: dbt cannot parse the project.
    """
    files = [
        path
        for folder in (settings.dbt_project, settings.kpi_models)
        for suffix in ("sql", "yml")
        for path in folder.rglob(f"*.{suffix}")
    ]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    own = _of_the_workshop(settings)
    for target in (settings.dbt_target, own.dbt_target):
        manifest = target / "manifest.json"
        if manifest.exists() and manifest.stat().st_mtime_ns > newest:
            return read_lineage(target)
    done = run_dbt(own, "parse", "--quiet")
    if done.returncode:
        raise ConfigurationError(_cannot_parse(done))
    return read_lineage(own.dbt_target)


def model_problems(settings: Settings, kpis: Sequence[Kpi]) -> list[str]:
    """What is wrong with the models of `kpis` and with those that they are made of, a sentence each.

    Args:
        settings: which project.
        kpis: every KPI of it, whose contracts are in order.
    """
    own = _of_the_workshop(settings)
    manifest, results = (own.dbt_target / f"{name}.json" for name in ("manifest", "run_results"))
    for path in (manifest, results):
        path.unlink(missing_ok=True)
    done = run_dbt(own, "compile", "--quiet", "--select", "resource_type:model", *_WITHOUT_A_WAREHOUSE)
    if not manifest.exists():
        return [_cannot_parse(done)]
    project = _Project(
        lineage=read_lineage(own.dbt_target),
        manifest=_read(manifest),
        # dbt compiles all models or none: it stops at the first that it refuses
        compiled={result["unique_id"]: result["compiled_code"] for result in _read(results)["results"]}
        if results.exists()
        else {},
        refused=None if results.exists() else _refused(done),
    )
    columns, unread = _columns(own, project)
    problems = []
    for kpi in kpis:
        problems += [f"{kpi.path}: {problem}" for problem in _problems_of(kpi, project, columns, unread)]
    names = {kpi.name for kpi in kpis}
    if project.refused and project.refused[0] not in names:
        problems.append(project.refused[1])
    return problems + [
        f"{project.models[name]['original_file_path']}: DuckDB cannot read it: {words}"
        for name, words in unread.items()
        if name not in names
    ]


def _of_the_workshop(settings: Settings) -> Settings:
    """`settings` with a home of the workshop's own: what it compiles must not come between the verbs of a night."""
    own = settings.model_copy(update={"home": settings.home / "workshop"})
    own.home.mkdir(parents=True, exist_ok=True)
    return own


def _cannot_parse(done: CompletedProcess[str]) -> str:
    return "dbt cannot parse the project: " + " ".join(_words(done))


def _words(done: CompletedProcess[str]) -> list[str]:
    """What dbt says, without its empty lines and without the calls that led there."""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    return [line for line in lines if line and not line.startswith(">")]


def _refused(done: CompletedProcess[str]) -> tuple[str, str]:
    """The model that dbt does not compile, empty where it names none, and why."""
    words = _words(done)
    for number, line in enumerate(words):
        if found := re.match(r"Compilation Error in model (\w+) ", line):
            return found[1], " ".join(words[number + 1 :])
    return "", "dbt cannot compile the project: " + " ".join(words)


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class _Project:
    """What dbt made of the project."""

    lineage: Lineage
    manifest: Mapping[str, Any]
    compiled: Mapping[str, str]
    """The SQL that DuckDB is given, by the node's id."""
    refused: tuple[str, str] | None
    """The model that does not compile, and why."""

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models by their name, each after those that it reads."""
        nodes = {node: given for node, given in self.manifest["nodes"].items() if given["resource_type"] == "model"}
        order = TopologicalSorter({node: nodes.keys() & given["depends_on"]["nodes"] for node, given in nodes.items()})
        return {nodes[node]["name"]: nodes[node] for node in order.static_order()}

    def sql_of(self, model: str) -> str | None:
        """Its SQL as DuckDB is given it; None where it was not compiled."""
        return self.compiled.get(self.models[model]["unique_id"])

    def folder_of(self, model: str) -> str:
        """``staging``, ``entities``, ``periods``, or the domain of a KPI."""
        return str(self.models[model]["fqn"][1])

    def parents(self, model: str) -> list[str]:
        """The models that it reads itself."""
        names = {given["unique_id"]: name for name, given in self.models.items()}
        return [names[node] for node in self.models[model]["depends_on"]["nodes"] if node in names]

    def reads_a_source(self, model: str) -> bool:
        """Whether it reads raw rows of an export; the company's choices are a source too, and anybody's to read."""
        sources = self.manifest["sources"]
        read = (sources[node] for node in self.models[model]["depends_on"]["nodes"] if node in sources)
        return any(source["source_name"] != SETTINGS_SOURCE for source in read)


def _columns(settings: Settings, project: _Project) -> tuple[dict[tuple[str, str], dict[str, str]], dict[str, str]]:
    """The columns of every model, by schema and name; and of each that DuckDB cannot read, what it says."""
    unread: dict[str, str] = {}
    with duckdb.connect() as connection:
        connection.execute("load icu; set enable_progress_bar = false")
        # called as the warehouse is, because dbt writes that name into the SQL
        connection.execute(f"attach ':memory:' as {settings.warehouse.stem}; use {settings.warehouse.stem}")
        create_raw_tables(connection, read_entities(settings.dbt_project, settings.layout_folders))
        begin_run(connection, settings, Run("check", settings.yesterday(), is_partial=True))
        there: set[str] = set()
        for name, model in project.models.items():
            sql = project.sql_of(name)
            if sql is None or not there.issuperset(project.parents(name)):
                continue
            connection.execute(f"create schema if not exists {model['schema']}")
            try:
                connection.execute(
                    f"create table {model['relation_name']} as select * from (\n{sql}\n) as model limit 0"
                )
                there.add(name)
            except duckdb.Error as error:
                unread[name] = first_line(error)
        return columns_there(connection), unread


def _problems_of(
    kpi: Kpi,
    project: _Project,
    columns: Mapping[tuple[str, str], Mapping[str, str]],
    unread: Mapping[str, str],
) -> Iterator[str]:
    file = kpi.sql_path.name
    if project.reads_a_source(kpi.name):
        yield f"{file} reads a source; read an entity instead, with ref()."
    parents = project.parents(kpi.name)
    if any(project.folder_of(parent) == "staging" for parent in parents):
        yield f"{file} reads a staging model; read an entity instead."
    yield from _problems_of_its_day(kpi, project, columns)
    if project.refused and project.refused[0] == kpi.name:
        yield project.refused[1]
    sql = project.sql_of(kpi.name)
    if sql is None:
        return
    counted = set(re.findall(r"'(\w+)' as dimension\b", sql)) - {"all"}
    # a KPI that is computed from others takes their members as they are
    derives = any(project.models[parent]["schema"] == "kpi" for parent in parents)
    if counted != set(kpi.dimensions) and not (derives and not counted):
        yield (
            f"the dimensions are {', '.join(kpi.dimensions) or 'none'}, and by_member in {file} counts by "
            f"{', '.join(sorted(counted)) or 'none'}; make them the same."
        )
    if kpi.name in unread:
        words = unread[kpi.name]
        missing = [name for name in kpi.dimensions if "Binder Error" in words and f'"{name}"' in words]
        yield (
            f"the dimension {missing[0]} is no column of {file}; select it there, or name a column that is."
            if missing
            else f"DuckDB cannot read {file}: {words}"
        )
    elif (result := columns.get(("kpi", kpi.name))) and (problem := problem_of(result)):
        yield f"the result of {file} is no KPI: {problem}."


def _problems_of_its_day(
    kpi: Kpi, project: _Project, columns: Mapping[tuple[str, str], Mapping[str, str]]
) -> Iterator[str]:
    """Whether the entity and the column of `dated_by` are there."""
    entity = kpi.dated_by.split(".")[0]
    if entity not in project.models or project.folder_of(entity) != "entities":
        yield f"dated_by names the entity {entity}, which does not exist; name one of models/entities."
        return
    try:
        entity, column = project.lineage.day_of(kpi.dated_by)
    except ConfigurationError as error:
        yield str(error)
        return
    there = columns.get(("entities", entity))
    if there and column not in there:
        yield f"dated_by names {entity}.{column}, which does not exist; it has {', '.join(there)}."
