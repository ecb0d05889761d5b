"""The registry: what every KPI means, read from the same YAML that dbt reads.

A KPI is two files with one stem below ``kpi_models/<domain>/``. Nothing else names one.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from kpi_pipeline.contracts.settings import GRAINS
from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError

Kind = Literal["sum", "ratio", "distinct", "last", "stock", "cohort", "change", "derived"]
Unit = Literal[
    "count", "percent", "currency", "seconds", "minutes", "days", "months", "score", "position", "units_per_hour"
]
Direction = Literal["up", "down", "zero"]
Level = Literal["kpi", "metric", "vanity"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

ROLE_DIMENSIONS = frozenset({"rep", "agent", "assignee", "manager"})
"""Dimensions whose members are pseudonymous codes of people at work: published whatever the group's size."""


class Title(BaseModel):
    """A KPI's name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: Text
    fa: Text


class AuditException(BaseModel):
    """A rule of its kind that a KPI does not have to satisfy, since a day and for a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Literal["members sum to the total"]
    because: Text
    since: dt.date


class KpiMeta(BaseModel):
    """The fields under ``config.meta.kpi``. Every one is required: somebody must decide it.

    Only exceptions may be left out, since nearly every KPI has none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    description_fa: Text
    formula: Text
    why: Text
    unit: Unit
    range: tuple[float | None, float | None]
    """Smallest and largest value that can be true, null where there is no bound."""
    good: Direction
    kind: Kind
    dated_by: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
    """The entity and column whose first and last day bound the periods: ``orders.ordered_on``."""
    cadence: Literal["day", "week", "month", "quarter", "year"]
    dimensions: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]]
    owner: Text
    objective: Text
    success_factor: Text
    level: Level
    sets: list[Text]
    review_by: dt.date
    version: Annotated[int, Field(ge=1)]
    exceptions: list[AuditException] = []

    @field_validator("range")
    @classmethod
    def _ordered(cls, given: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
        low, high = given
        if low is not None and high is not None and low > high:
            raise ValueError(f"the smallest value {low} is above the largest {high}")
        return given


class Kpi(KpiMeta):
    """A KPI of the registry: its meaning, and where it stands."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    domain: str
    description: Text
    path: Path
    unit_tests: tuple[str, ...]
    """Names of the unit tests beside the model: the sentences of the definition."""

    @property
    def sql_path(self) -> Path:
        """The model, beside the YAML."""
        return self.path.with_suffix(".sql")

    @property
    def members_sum_to_total(self) -> bool:
        """Whether every row is to count under one member of each dimension, for a kind of which that can be asked."""
        return all(exception.rule != "members sum to the total" for exception in self.exceptions)

    @property
    def is_suppressible(self) -> bool:
        """Whether small groups of this KPI would tell about single employees."""
        return self.domain == "hr"


class Target(BaseModel):
    """What a KPI should reach from `valid_from` to `valid_to`; the thresholds are values of the KPI."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kpi: str
    dimension: str
    member: str
    period_grain: str
    valid_from: dt.date
    valid_to: dt.date | None
    baseline: FiniteFloat | None
    target: FiniteFloat | None
    benchmark: FiniteFloat | None
    at_risk_at: FiniteFloat | None
    off_track_at: FiniteFloat | None

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:
        return None if isinstance(given, str) and not given.strip() else given

    @field_validator("period_grain")
    @classmethod
    def _known_grain(cls, given: str) -> str:
        if given not in GRAINS:
            raise ValueError(f"{given!r} is no period grain; choose from {', '.join(GRAINS)}")
        return given

    @model_validator(mode="after")
    def _ordered(self) -> Target:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is before valid_from {self.valid_from}")
        return self


def kpi_files(kpi_models: Path) -> list[Path]:
    """The YAML files of the KPIs, in order of domain and name; folders that begin with ``_`` are none."""
    return sorted(path for path in kpi_models.glob("*/*.yml") if not path.parent.name.startswith("_"))


def read_kpi(path: Path) -> Kpi:
    """The KPI that the YAML file at `path` defines.

    Raises:
        ConfigurationError: what is missing or wrong in the file, one line per field.
    """
    try:
        document = read_yaml(path)
        model = document["models"][0]
        meta = dict(model["config"]["meta"]["kpi"])
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: this is not YAML: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: this is not UTF-8 text; save it as UTF-8.") from error
    except ValueError as error:  # what looks like a date and is none, such as 0000-00-00
        raise ConfigurationError(f"{path}: {error}.") from error
    except (KeyError, IndexError, TypeError) as error:
        raise ConfigurationError(f"{path}: it needs one model with our fields under config.meta.kpi.") from error
    if (count := len(document["models"])) > 1:
        raise ConfigurationError(f"{path}: it has {count} models; a KPI is one model in a file of its own.")
    if model.get("name") != path.stem:
        raise ConfigurationError(f"{path}: the model is called {model.get('name')}; call it {path.stem}, as the file.")
    try:
        return Kpi.model_validate(
            {
                **meta,
                "name": model["name"],
                "domain": path.parent.name,
                "description": model.get("description", ""),
                "path": path,
                "unit_tests": [
                    test.get("name") if isinstance(test, dict) else test for test in document.get("unit_tests") or []
                ],
            }
        )
    except (ValidationError, TypeError) as error:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in _problems(error))) from error


def _problems(error: Exception) -> list[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    lines = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"])
        match problem["type"]:
            case "missing":
                lines.append(f"the field {field} is missing; every field is required.")
            case "extra_forbidden":
                lines.append(f"the field {field} is unknown; remove it or correct its name.")
            case _:
                lines.append(f"{field}: {problem['msg'].removeprefix('Value error, ')}.".removeprefix(": "))
    return lines


def read_registry(kpi_models: Path) -> list[Kpi]:
    """Every KPI, in order of domain and name.

    Raises:
        ConfigurationError: all problems of all files, a line each.
    """
    kpis: list[Kpi] = []
    problems: list[str] = []
    for path in kpi_files(kpi_models):
        try:
            kpis.append(read_kpi(path))
        except ConfigurationError as error:
            problems.append(str(error))
    names = [kpi.name for kpi in kpis]
    problems += [
        f"{kpi.path}: there is another KPI called {kpi.name}; names are unique over all domains."
        for kpi in kpis
        if names.count(kpi.name) > 1
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return kpis


def read_targets(kpi_models: Path, kpis: Iterable[Kpi]) -> list[Target]:
    """The targets of ``targets.csv``; none if there is no such file.

    Raises:
        ConfigurationError: an unknown KPI or dimension, a value that is no number, or two targets for one day; with
            the line.
    """
    path = kpi_models / "targets.csv"
    if not path.exists():
        return []
    known = {kpi.name: kpi for kpi in kpis}
    targets: list[Target] = []
    problems: list[str] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: this is not UTF-8 text; save it as CSV UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [name for name in Target.model_fields if name not in (reader.fieldnames or [])]:
        raise ConfigurationError(
            f"{path} line 1: the header lacks {', '.join(missing)}; separate the columns by commas."
        )
    for row in reader:
        where = f"{path} line {reader.line_num}"
        if None in row or None in row.values():
            many = "more" if None in row else "fewer"
            problems.append(f"{where}: it has {many} cells than the header has names.")
            continue
        try:
            target = Target.model_validate(row)
        except ValidationError as error:
            problems += [f"{where}: {line}" for line in _problems(error)]
            continue
        if target.kpi not in known:
            problems.append(f"{where}: there is no KPI called {target.kpi}.")
        elif target.dimension != "all" and target.dimension not in known[target.kpi].dimensions:
            problems.append(f"{where}: {target.kpi} has no dimension {target.dimension}.")
        elif any(_overlap(target, other) for other in targets):
            problems.append(f"{where}: another line sets a target for the same KPI, member and days.")
        else:
            targets.append(target)
    if problems:
        raise ConfigurationError("\n".join(problems))
    return targets


def _overlap(one: Target, other: Target) -> bool:
    same = (one.kpi, one.dimension, one.member, one.period_grain) == (
        other.kpi, other.dimension, other.member, other.period_grain,
    )  # fmt: skip
    far = dt.date.max
    return same and one.valid_from <= (other.valid_to or far) and other.valid_from <= (one.valid_to or far)
