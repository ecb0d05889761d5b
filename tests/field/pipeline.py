"""A night on the files of a case: the real verbs, on SQL that dbt compiled once for all cases.

Ingest, build, audit and publish are those of every night; only dbt's process is replaced by what it compiled. A case
computes the KPIs that it speaks of, and what they are made of.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from company import ROOT, Company, copy_kpis
from compiled import CompiledProject, compile_models

from kpi_pipeline.audit.audit import audit
from kpi_pipeline.build import build as building
from kpi_pipeline.contracts.kpi import kpi_files
from kpi_pipeline.contracts.lineage import Lineage, read_lineage
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.release.publish import publish
from kpi_pipeline.warehouse.connection import connect

_COMPILED_IN = "Pacific/Chatham"
"""The time zone is part of the SQL; this one stands nowhere else in it, and each case puts its own in its place."""

_SHORT_CALENDAR = {"calendar_start": dt.date(2019, 1, 1), "calendar_end": dt.date(2027, 12, 31)}
"""A night costs by the days that there are; no case is about their number."""

Value = tuple[float | None, float | None, float | None]
"""numerator, denominator, kpi_value"""


@dataclass(frozen=True)
class Night:
    """What came of it: the published values, and every sentence that somebody is told."""

    values: Mapping[tuple[str, str, str, str], Value]
    """By KPI, grain and first day ("month 2026-03-01"), dimension, member."""
    sentences: Sequence[str]


@dataclass(frozen=True)
class Compiled:
    """The project as dbt compiled it."""

    project: CompiledProject
    lineage: Lineage
    target: Path


def compiled_once(folder: Path) -> Compiled:
    """Let dbt compile every model; some twenty seconds."""
    settings = Company.at(folder, timezone=_COMPILED_IN).settings
    return Compiled(compile_models(settings), read_lineage(settings.dbt_target), settings.dbt_target)


@dataclass(frozen=True)
class FieldCompany:
    """A company whose nights run on compiled SQL."""

    company: Company
    compiled: Compiled
    kpis: Collection[str]
    sentences: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, folder: Path, compiled: Compiled, kpis: Collection[str], **settings: Any) -> FieldCompany:
        """A company in `folder` that computes `kpis`, by name."""
        project = folder / "project"
        project.mkdir()
        for name in ("dbt_project", "layouts"):
            (project / name).symlink_to(ROOT / name)
        files = {file.stem: file for file in kpi_files(ROOT / "kpi_models")}
        copy_kpis(project, [f"{files[kpi].parent.name}/{kpi}" for kpi in kpis])
        company = Company.at(folder, project=project, **(_SHORT_CALENDAR | settings))
        company.settings.dbt_target.parent.mkdir(parents=True)
        company.settings.dbt_target.symlink_to(compiled.target)
        return cls(company, compiled, kpis)

    def night(self, as_of: dt.date) -> Night:
        """One whole night; `sentences` are those of this night and of those before."""
        self._ingest()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(building, "run_models", self._run_models)
            building.build(self.company.settings, as_of)
        audit(self.company.settings)
        publish(self.company.settings)
        values = self.company.query(
            "select kpi, period_grain || ' ' || period_start, dimension, member, numerator, denominator, kpi_value "
            "from kpi_values"
        )
        held = self.company.query("select kpi || ' is ' || verdict || ': ' || reason from kpi_runs where reason <> ''")
        found = self.company.query(
            "select concat_ws(': ', subject, 'not true that ' || expectation, observed, details) from kpi_audits "
            # of the entities that this case does not read there is no table
            "where not success and details not like 'there is no table%'"
        )
        self.sentences.extend(sentence for (sentence,) in [*held, *found])
        return Night({row[:4]: row[4:] for row in values}, self.sentences)

    def _ingest(self) -> None:
        report = ingest(self.company.settings)
        for load in report.files:
            others = load.rows_left_out + load.rows_quarantined + load.rows_refused
            assert load.status == "known" or load.rows_read == load.rows_typed + others, load
            left_out = f"{load.rows_left_out} rows left out" if load.rows_left_out else ""
            told = "; ".join(filter(None, (load.reason, load.warnings, left_out)))
            self.sentences.append(f"{load.file}: {load.status}: {told}")
        self.sentences.extend(f"{alone.file}: {alone.reason}" for alone in report.left_alone)
        quarantined = self.company.ask_warehouse(
            "select file, line, column_name, reason from raw.quarantine order by load, line"
        )
        self.sentences.extend(f"{file} line {line}: {column}: {reason}" for file, line, column, reason in quarantined)

    def _run_models(self, settings: Settings, select: Sequence[str], lock: int) -> dict[str, str]:
        """In place of `kpi_pipeline.build.dbt.run_models`: the same statements, and no process of dbt."""
        assert not select
        assert os.fstat(lock)
        upstream = self.compiled.lineage.upstream
        needed = {*self.kpis, "periods"}.union(*(upstream[name].models for name in (*self.kpis, "periods")))
        models = [model for model in self.compiled.project.models if model.name in needed]
        with connect(settings) as connection:
            for schema in sorted({model.schema for model in models}):
                connection.execute(f"create schema if not exists {schema}")
            for model in models:
                connection.execute(model.statement.replace(f"'{_COMPILED_IN}'", f"'{settings.timezone}'"))
        return {}
