"""The registry: what every KPI means, read from the same YAML that dbt reads.

A KPI is two files with one stem below ``kpi_models/<domain>/``. Nothing else names one.
"""

from __future__ import annotations

import datetime as dt
import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from kpi_pipeline.contracts.domain import Names, Text, Title, read_names
from kpi_pipeline.contracts.grain import Cadence
from kpi_pipeline.contracts.kind import KINDS, Kind, KindName
from kpi_pipeline.contracts.unit import UNITS, Range, Unit, UnitName
from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError, sentences_of

Direction = Literal["up", "down", "zero"]
Level = Literal["kpi", "metric", "vanity"]

ROLE_DIMENSIONS = frozenset({"rep", "agent", "assignee", "manager"})
"""Dimensions whose members are pseudonymous codes of people at work: published whatever the group's size."""


class AuditException(BaseModel):
    """A rule of its kind that a KPI does not have to satisfy, since a day and for a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Literal["members sum to the total"]
    because: Text
    since: dt.date


class Retirement(BaseModel):
    """The end of a KPI: what was published of it stays, and nothing is added."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    last_day: dt.date
    """Its periods end on that day at the latest. (Not called ``on``, which YAML takes for a yes.)"""
    successor: str | None
    """The KPI to look at from then on."""
    because: Text


class KpiMeta(BaseModel):
    """The fields under ``config.meta.kpi``: somebody must decide each of them.

    What a domain says for all its KPIs (owner, review_by), what a unit says of all its values (range), and what nearly
    every KPI has none of (sets, exceptions, retired) may be left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    description_fa: Text
    formula: Text
    why: Text
    unit: UnitName
    good: Direction
    kind: KindName
    dated_by: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)?$")]
    """The entity whose first and last day bound the periods; with a column, where it is not the entity's own day:
    ``orders``, or ``leads.qualified_on``."""
    cadence: Cadence
    dimensions: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]]
    objective: str
    """Key of objectives.csv: what the company wants to achieve."""
    success_factor: Text
    level: Level
    version: Annotated[int, Field(ge=1)]
    range: Range
    """Smallest and largest value that can be true, null where there is no bound; the unit's own where not given."""
    owner: str
    """Key of owners.csv: the role that answers for it; the domain's where not given."""
    review_by: dt.date
    """The domain's where not given."""
    sets: list[Text] = []
    exceptions: list[AuditException] = []
    retired: Retirement | None = None

    @field_validator("range")
    @classmethod
    def _ordered(cls, given: Range) -> Range:
        low, high = given
        if low is not None and high is not None and low > high:
            raise ValueError(f"the smallest value {low} is above the largest {high}")
        return given


class Kpi(KpiMeta):
    """A KPI of the registry: its meaning, and where it stands."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    domain: str
    domain_title: Title
    owner_title: Title
    objective_title: Title
    description: Text
    path: Path
    unit_tests: tuple[str, ...]
    """Names of the unit tests beside the model: the sentences of the definition."""

    @property
    def sql_path(self) -> Path:
        """The model, beside the YAML."""
        return self.path.with_suffix(".sql")

    @property
    def of_kind(self) -> Kind:
        """What its kind does."""
        return KINDS[self.kind]

    @property
    def in_unit(self) -> Unit:
        """What its unit is."""
        return UNITS[self.unit]

    @property
    def members_sum_to_total(self) -> bool:
        """Whether every row is to count under one member of each dimension, for a kind of which that can be asked."""
        return all(exception.rule != "members sum to the total" for exception in self.exceptions)

    @property
    def retired_on(self) -> dt.date | None:
        """The last day that it tells of; None while it goes on."""
        return self.retired.last_day if self.retired else None

    @property
    def successor(self) -> str | None:
        """The KPI to look at when this one has ended."""
        return self.retired.successor if self.retired else None

    def has_ended(self, day: dt.date) -> bool:
        """Whether its last day is over at the end of `day`, so that nobody waits for a value any more."""
        return self.retired_on is not None and self.retired_on < day

    @property
    def is_suppressible(self) -> bool:
        """Whether small groups of this KPI would tell about single employees."""
        return self.domain == "hr"


def kpi_files(kpi_models: Path) -> list[Path]:
    """The YAML files of the KPIs, in order of domain and name; folders that begin with ``_`` are none."""
    return sorted(kpi_models.glob("[!_]*/[!_]*.yml"))


def read_kpi(path: Path, names: Names) -> Kpi:
    """The KPI that the YAML file at `path` defines.

    Args:
        path: the file, in the folder of its domain.
        names: the domains, owners and objectives that it may name.

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
    given, problems = _with_what_others_say(meta, path.parent.name, names)
    try:
        kpi = Kpi.model_validate(given | {
            "name": model["name"],
            "domain": path.parent.name,
            "description": model.get("description", ""),
            "path": path,
            "unit_tests": [
                test.get("name") if isinstance(test, dict) else test for test in document.get("unit_tests") or []
            ],
        })  # fmt: skip
    except ValidationError as error:
        problems = sentences_of(error) + problems
    except TypeError as error:  # a list where fields should be
        problems = [f"{error}.", *problems]
    if problems:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in problems))
    return kpi


_UNNAMED = Title(en="unnamed", fa="unnamed")


def _with_what_others_say(meta: dict[str, Any], folder: str, names: Names) -> tuple[dict[str, Any], list[str]]:
    """The fields of a KPI with those that its domain and its unit say for it; and what it names that is not there."""
    domain = names.domains.get(folder)
    plain = folder.replace("_", " ").capitalize()
    given = {**meta, "domain_title": domain.title if domain else Title(en=plain, fa=plain)}
    if domain:
        given = {"owner": domain.owner, "review_by": domain.review_by, **given}
    unit = UNITS.get(str(meta.get("unit")))
    own_range = unit.range if unit else (None, None)  # who has named no unit yet is asked for that first
    if own_range:
        given = {"range": own_range, **given}
    problems = []
    for field, titles in (("owner", names.owners), ("objective", names.objectives)):
        key = given.get(field)
        given[f"{field}_title"] = titles.get(key, _UNNAMED) if isinstance(key, str) else _UNNAMED
        if isinstance(key, str) and key not in titles:
            near = difflib.get_close_matches(key, titles, n=1)
            hint = f"did you mean {near[0]}?" if near else "name one of its keys, or add a line there."
            problems.append(f"there is no {field} {key!r} in {field}s.csv; {hint}")
    return given, problems


def read_registry(kpi_models: Path) -> list[Kpi]:
    """Every KPI, in order of domain and name.

    Raises:
        ConfigurationError: all problems of all files, a line each.
    """
    names = read_names(kpi_models)
    kpis: list[Kpi] = []
    problems: list[str] = []
    for path in kpi_files(kpi_models):
        try:
            kpis.append(read_kpi(path, names))
        except ConfigurationError as error:
            problems.append(str(error))
    taken = [kpi.name for kpi in kpis]
    problems += [
        f"{kpi.path}: there is another KPI called {kpi.name}; names are unique over all domains."
        for kpi in kpis
        if taken.count(kpi.name) > 1
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return kpis
