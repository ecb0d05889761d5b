"""``kpi check``: what is wrong with the KPI models, each problem with what to do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from kpi_pipeline.contracts.domain import Names, read_names
from kpi_pipeline.contracts.kpi import Kpi, kpi_files, read_kpi, read_registry
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.contracts.target import read_targets
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.workshop.dialect import foreign, without_comments
from kpi_pipeline.workshop.models import model_problems

KPIS_PER_OBJECTIVE = 5
"""More KPIs of level ``kpi`` than that, and nobody knows which one an objective is followed by."""


def check(settings: Settings) -> list[str]:
    """Every problem of the KPI models as a sentence; an empty list when all is in order.

    The contracts are read first; only when they are in order, dbt compiles the project, which takes some seconds.
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
        problems += [f"{path}: {problem}" for problem in _problems_of(kpi)]
    problems += _orphans(settings.kpi_models)
    problems += _foreign_models(settings.dbt_project)
    today = dt.datetime.now(settings.zone).date()
    problems += _crowded_objectives([kpi for kpi in kpis if not kpi.has_ended(today)], names)
    problems += _successors(kpis)
    if problems:
        return problems
    try:
        read_targets(settings.kpi_models, read_registry(settings.kpi_models))
    except ConfigurationError as error:
        return str(error).splitlines()
    return model_problems(settings, kpis)


def _problems_of(kpi: Kpi) -> list[str]:
    """What a KPI's own two files say that cannot be."""
    if not kpi.sql_path.exists():
        return [f"there is no {kpi.sql_path.name} beside it; write the model."]
    problems = []
    if not kpi.unit_tests:
        problems.append("it has no unit test; write one per sentence of the definition, under unit_tests.")
    sql = kpi.sql_path.read_text(encoding="utf-8")
    problems += foreign(sql, kpi.sql_path.name)
    denominators = re.findall(r"(\S+\s+\S+\s+\S+)\s+as\s+denominator\b", without_comments(sql))
    if kpi.unit == "percent" and denominators and all("null as" in each for each in denominators):
        problems.append("a percent needs both its parts; return what it is a share of as denominator.")
    if kpi.unit == "percent" and kpi.kind == "sum":
        problems.append("a percent cannot be a sum: shares do not add up; choose ratio and return both parts.")
    if kpi.unit == "count" and kpi.range[0] is None:
        problems.append("a count is never negative; give it range: [0, null].")
    return problems


def _foreign_models(dbt_project: Path) -> list[str]:
    """What of the SQL that KPIs are made of is for one engine only."""
    paths = sorted(path for folder in ("models", "macros") for path in (dbt_project / folder).rglob("*.sql"))
    return [f"{path}: {problem}" for path in paths for problem in foreign(path.read_text(encoding="utf-8"), path.name)]


def _crowded_objectives(kpis: Sequence[Kpi], names: Names) -> list[str]:
    by_objective: dict[str, list[str]] = {}
    for kpi in kpis:
        if kpi.level == "kpi":
            by_objective.setdefault(kpi.objective, []).append(kpi.name)
    return [
        f"the objective {key} ({names.objectives[key].en}) has {len(found)} KPIs of level kpi, more than "
        f"{KPIS_PER_OBJECTIVE}: {', '.join(sorted(found))}. Call those that only explain it a metric, or split the "
        "objective."
        for key, found in sorted(by_objective.items())
        if len(found) > KPIS_PER_OBJECTIVE
    ]


def _successors(kpis: Sequence[Kpi]) -> list[str]:
    """Whether whoever is to look elsewhere finds something there."""
    known = {kpi.name: kpi for kpi in kpis}
    problems = []
    for kpi in kpis:
        if kpi.retired is None or kpi.retired.successor is None:
            continue
        after = known.get(kpi.retired.successor)
        if after is None:
            problem = f"its successor {kpi.retired.successor} does not exist; name a KPI, or null"
        elif after.retired_on is not None and after.retired_on <= kpi.retired.last_day:
            problem = (
                f"its successor {after.name} ends on {after.retired_on}, no later than itself; name one that goes on"
            )
        else:
            continue
        problems.append(f"{kpi.path}: {problem}.")
    return problems


def _orphans(kpi_models: Path) -> list[str]:
    return [
        f"{path}: there is no {path.stem}.yml beside it; without one it means nothing to anybody."
        for path in sorted(kpi_models.glob("*/*.sql"))
        if not path.parent.name.startswith("_") and not path.with_suffix(".yml").exists()
    ]
