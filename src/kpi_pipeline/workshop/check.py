"""``kpi check``: what is wrong with the KPI models, each problem with what to do."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kpi_pipeline.build.dbt import dbt_command, dbt_environment
from kpi_pipeline.contracts.domain import read_names
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import Kpi, kpi_files, read_kpi, read_registry
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.warehouse.connection import connect
from kpi_pipeline.warehouse.run import Run, begin_run, new_run_name
from kpi_pipeline.warehouse.schema import create_raw_tables

_REFERENCE = re.compile(r"ref\(\s*['\"](\w+)['\"]\s*\)")

KPIS_PER_OBJECTIVE = 5
"""More KPIs of level ``kpi`` than that, and nobody knows which one an objective is followed by."""

SHARED_FUNCTIONS = frozenset({
    "abs", "avg", "cast", "ceil", "coalesce", "concat", "count", "count_if", "day", "dense_rank", "exp",
    "first_value", "floor", "greatest", "lag", "last_day", "last_value", "lead", "least", "length", "ln", "lower",
    "max", "min", "month", "nullif", "power", "quarter", "rank", "replace", "round", "row_number", "sqrt",
    "stddev_pop", "stddev_samp", "substring", "sum", "trim", "upper", "var_pop", "var_samp", "year",
})  # fmt: skip
"""Functions that DuckDB and Spark both have, under one name and with one meaning."""

_WORDS_BEFORE_BRACKETS = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "decimal", "distinct", "else", "end", "exists", "filter",
    "from", "in", "join", "not", "on", "or", "over", "partition", "rows", "select", "then", "union", "using",
    "values", "varchar", "when", "where", "with", "within",
})  # fmt: skip
_FOREIGN = {
    r"::": "write cast(value as type)",
    r"\bqualify\b": "number the rows in a step of its own and filter the next",
    r"\bexclude\s*\(": "name the columns",
    r"\bfilter\s*\(": "put the condition into a case or count_if",
    r"\b(?:un)?pivot\b": "write a union or an aggregate per column",
    r"\basof\b": "join on the newest row by a window",
    r"\blambda\b|->": "write it without a lambda",
    r"\w\[": "write it without lists",
}
"""What one of the two does not read, and what to write instead."""

_BY_MEMBER = re.compile(r"(?:by_member|add_up)\(\s*'\w+'\s*,\s*\[([^\]]*)\]")


def check(settings: Settings) -> list[str]:
    """Every problem of the KPI models as a sentence; an empty list when all is in order.

    The contracts are read first; only when they are in order, dbt parses the project, which takes some seconds.
    """
    problems: list[str] = []
    kpis: list[Kpi] = []
    try:
        names = read_names(settings.kpi_models)
    except ConfigurationError as error:
        return str(error).splitlines()
    for path in kpi_files(settings.kpi_models):
        try:
            kpi = read_kpi(path, names)
        except ConfigurationError as error:
            problems += str(error).splitlines()
            continue
        kpis.append(kpi)
        problems += [f"{path}: {problem}" for problem in _problems_of(kpi, settings)]
    problems += _orphans(settings.kpi_models)
    problems += _crowded_objectives(kpis)
    if problems:
        return problems
    try:
        read_targets(settings.kpi_models, read_registry(settings.kpi_models))
    except ConfigurationError as error:
        return str(error).splitlines()
    return _parse(settings)


def _problems_of(kpi: Kpi, settings: Settings) -> list[str]:
    if not kpi.sql_path.exists():
        return [f"there is no {kpi.sql_path.name} beside it; write the model."]
    problems = []
    if not kpi.unit_tests:
        problems.append("it has no unit test; write one per sentence of the definition, under unit_tests.")
    sql = kpi.sql_path.read_text(encoding="utf-8")
    if re.search(r"source\(", sql):
        problems.append(f"{kpi.sql_path.name} reads a source; read an entity instead, with ref().")
    if re.search(r"ref\(\s*['\"]stg_", sql):
        problems.append(f"{kpi.sql_path.name} reads a staging model; read an entity instead.")
    counted = {name for call in _BY_MEMBER.findall(sql) for name in re.findall(r"'(\w+)'", call)}
    # a KPI that is computed from others takes their members as they are
    derives = any(list(settings.kpi_models.glob(f"*/{name}.yml")) for name in _REFERENCE.findall(sql))
    if counted != set(kpi.dimensions) and not (derives and not counted):
        problems.append(
            f"the dimensions are {', '.join(kpi.dimensions) or 'none'}, and by_member in {kpi.sql_path.name} counts by "
            f"{', '.join(sorted(counted)) or 'none'}; make them the same."
        )
    written = _without_comments(sql)
    outside_by_member = re.sub(r"(?:by_member|add_up)\(.*?\)\s*}}", "", written, flags=re.DOTALL)
    problems += [
        f"the dimension {dimension} is no column of {kpi.sql_path.name}; select it there, or name a column that is."
        for dimension in kpi.dimensions
        if dimension in counted and not re.search(rf"\b{dimension}\b", outside_by_member)
    ]
    problems += _foreign(written, kpi.sql_path.name)
    denominators = re.findall(r"(\S+\s+\S+\s+\S+)\s+as\s+denominator\b", written)
    if kpi.unit == "percent" and denominators and all("null as" in each for each in denominators):
        problems.append("a percent needs both its parts; return what it is a share of as denominator.")
    entity = kpi.dated_by.split(".")[0]
    if not (settings.dbt_project / "models" / "entities" / f"{entity}.sql").exists():
        problems.append(f"dated_by names the entity {entity}, which does not exist; name one of models/entities.")
    if kpi.unit == "percent" and kpi.kind == "sum":
        problems.append("a percent cannot be a sum: shares do not add up; choose ratio and return both parts.")
    if kpi.unit == "count" and kpi.range[0] is None:
        problems.append("a count is never negative; give it range: [0, null].")
    return problems


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|{#.*?#}", "", sql, flags=re.DOTALL)


def _foreign(sql: str, file: str) -> list[str]:
    """What of the SQL, comments left out, DuckDB and Spark do not both understand."""
    plain = re.sub(r"{{.*?}}|{%.*?%}|'[^']*'", " ", sql, flags=re.DOTALL).lower()
    problems = [
        f"{file} has {found.group(0).strip()!r}, which not both DuckDB and Spark read; {instead}."
        for pattern, instead in _FOREIGN.items()
        if (found := re.search(pattern, plain))
    ]
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", plain)) - _WORDS_BEFORE_BRACKETS - SHARED_FUNCTIONS
    problems += [
        f"{file} calls {name}(), which is not in the SQL that DuckDB and Spark share; use one of its functions, or a "
        "dbt macro such as dbt.date_trunc and dbt.datediff."
        for name in sorted(called - set(re.findall(r"\b([a-z_][a-z0-9_]*)\s+as\s*\(", plain)))
        if name not in ("exclude", "filter")
    ]
    return problems


def _crowded_objectives(kpis: Sequence[Kpi]) -> list[str]:
    by_objective: dict[str, list[str]] = {}
    for kpi in kpis:
        if kpi.level == "kpi":
            by_objective.setdefault(kpi.objective, []).append(kpi.name)
    return [
        f"the objective {objective!r} has {len(names)} KPIs of level kpi, more than {KPIS_PER_OBJECTIVE}: "
        f"{', '.join(sorted(names))}. Call those that only explain it a metric, or split the objective."
        for objective, names in sorted(by_objective.items())
        if len(names) > KPIS_PER_OBJECTIVE
    ]


def _orphans(kpi_models: Path) -> list[str]:
    return [
        f"{path}: there is no {path.stem}.yml beside it; without one it means nothing to anybody."
        for path in sorted(kpi_models.glob("*/*.sql"))
        if not path.parent.name.startswith("_") and not path.with_suffix(".yml").exists()
    ]


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
        made = _dbt(empty, "run", "--quiet", "--empty", *(["--select", *upstream] if names else []))
        if made.returncode:
            return False, made.stdout + made.stderr
        selected = [f"{name},resource_type:unit_test" for name in names] or ["resource_type:unit_test"]
        tested = _dbt(empty, "test", "--select", *selected)
    words = tested.stdout + tested.stderr
    return tested.returncode == 0 and "Nothing to do" not in words, words


def _dbt(settings: Settings, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        dbt_command(settings, verb, *arguments),
        env=dbt_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def _parse(settings: Settings) -> list[str]:
    """What dbt itself says of the project: unknown refs, broken Jinja."""
    settings.home.mkdir(parents=True, exist_ok=True)
    done = _dbt(settings, "parse", "--quiet")
    if done.returncode == 0:
        return []
    words = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return ["dbt cannot parse the project: " + " ".join(words)]
