"""Targets: what a KPI should reach, effective-dated, in a file that people edit in any spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError, field_validator, model_validator

from kpi_pipeline.contracts.domain import read_csv_rows
from kpi_pipeline.contracts.grain import GRAINS
from kpi_pipeline.contracts.kpi import Kpi
from kpi_pipeline.errors import ConfigurationError, sentences_of


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
    for where, row in read_csv_rows(path, list(Target.model_fields)):
        try:
            target = Target.model_validate(row)
        except ValidationError as error:
            problems += [f"{where}: {line}" for line in sentences_of(error)]
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
