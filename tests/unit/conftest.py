"""What the unit tests stand on: a company of their own in a temporary folder, with a real DuckDB."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kpi_pipeline.audit.audit import record_audit
from kpi_pipeline.audit.verdicts import Finding, Verdict
from kpi_pipeline.build.build import write_builds
from kpi_pipeline.contracts.domain import read_names
from kpi_pipeline.contracts.kpi import Kpi, kpi_files, read_kpi
from kpi_pipeline.contracts.lineage import read_lineage
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.ingest.ingest import IngestReport, ingest
from kpi_pipeline.ingest.ledger import FileLoad
from kpi_pipeline.release.publish import publish
from kpi_pipeline.release.store import Release
from kpi_pipeline.warehouse.connection import connect, rows
from kpi_pipeline.warehouse.run import Run, begin_run
from kpi_pipeline.warehouse.schema import create_raw_tables

ROOT = Path(__file__).parents[2]

# The same examples every time: a red test is a changed program, never a new dice.
hypothesis_settings.register_profile(
    "unit", deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _no_configuration_but_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No KPI_ variable and no .env of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("KPI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def table(
    name: str,
    columns: Mapping[str, str],
    *,
    key: list[str] | None = None,
    rows: str = "things",
    dated_by: str | None = None,
    layouts: list[dict[str, Any]] | None = None,
    late_after_days: int | None = None,
) -> dict[str, Any]:
    """A table of a dbt source, as people write it; a type with ``!`` behind it is required."""
    return {
        "name": name,
        "config": {
            "meta": {
                "export": {
                    "rows": rows,
                    "key": key or [next(iter(columns))],
                    "dated_by": dated_by,
                    "late_after_days": late_after_days,
                    "layouts": layouts or [],
                }
            }
        },
        "columns": [
            {
                "name": column,
                "data_type": kind.removesuffix("!"),
                **({"config": {"meta": {"required": True}}} if kind.endswith("!") else {}),
            }
            for column, kind in columns.items()
        ],
    }


@dataclass
class Company:
    """A project folder with declarations, an exports folder, and a warehouse."""

    settings: Settings

    def declare(self, system: str, *tables: dict[str, Any]) -> None:
        """Replace the exports that `system` is declared to write, and the layouts of its tools."""
        tables = copy.deepcopy(tables)
        layouts = [
            {"entity": table["name"], **layout}
            for table in tables
            for layout in ((table.get("config") or {}).get("meta", {}).get("export") or {}).pop("layouts", [])
        ]
        contracts = self.settings.dbt_project / "models" / "staging" / system / f"{system}.yml"
        source = {"sources": [{"name": system, "schema": "raw", "tables": list(tables)}]}
        for path, document in ((contracts, source), (self.layouts_of(system), {"layouts": layouts})):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    def layouts_of(self, system: str) -> Path:
        """The file in which `declare` puts the layouts of a system."""
        return self.settings.layout_folders[0] / f"{system}.yml"

    def declare_tool(self, entity_columns: Mapping[str, str], **layout: Any) -> None:
        """Declare that the CRM writes ``sales`` with these columns, and one tool's layout of it."""
        written = {"name": "tool", "files": "crm/tool*", "format": "csv", "columns": {}, **layout}
        if not written["columns"]:
            written["columns"] = {"sale_id": "Id", "sold_at": "Date"}
        self.declare("crm", table("sales", entity_columns, layouts=[written]))

    def put(self, name: str, content: str | bytes) -> Path:
        """Drop a file into the exports folder, byte by byte as given."""
        path = self.settings.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def ingest(self, *systems: str) -> IngestReport:
        return ingest(self.settings, systems or None)

    def load(self, name: str, content: str | bytes) -> FileLoad:
        """Drop one file, ingest, and say what became of it."""
        self.put(name, content)
        return next(file for file in self.ingest().files if file.file == name)

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.query("select file, line, column_name, reason, raw_text from raw.quarantine order by file, line")


@pytest.fixture
def new_company(tmp_path: Path) -> Callable[..., Company]:
    """Found a company with settings of its own; each in a folder of its own."""
    count = 0

    def found(**settings: Any) -> Company:
        nonlocal count
        count += 1
        home = tmp_path / f"company{count}"
        (home / "exports").mkdir(parents=True)
        given = {"home": home / "var", "exports": home / "exports", "project": home, **settings}
        return Company(load_settings(**given))

    return found


@pytest.fixture
def company(new_company: Callable[..., Company]) -> Company:
    """A company whose CRM writes one entity, ``sales``, with a column of every type."""
    company = new_company(quarantine_max_share=0.5)
    company.declare("crm", SALES)
    return company


@pytest.fixture
def real_project() -> Path:
    """The project that ships."""
    return ROOT


SALES = table(
    "sales",
    {
        "sale_id": "text!",
        "sold_at": "timestamp!",
        "paid_on": "date",
        "units": "bigint",
        "score": "double",
        "is_paid": "boolean",
        "amount": "decimal(18,4)",
        "note": "text",
    },
    dated_by="sold_at",
)


@pytest.fixture
def declared_table() -> Callable[..., dict[str, Any]]:
    """The function that writes a table of a dbt source."""
    return table


# --- nights without dbt: a warehouse by hand, as far as values, scorecard and releases need it ---

META: dict[str, Any] = {
    "title": {"en": "A KPI", "fa": "یک شاخص"}, "description_fa": "یک شاخص.", "formula": "numerator / denominator",
    "why": "To test.", "unit": "percent", "range": [None, None], "good": "up", "kind": "ratio",
    "dated_by": "facts.happened_on", "cadence": "month", "dimensions": ["channel"], "owner": "tests",
    "objective": "none", "success_factor": "None", "level": "kpi", "sets": [], "review_by": dt.date(2030, 1, 1),
    "version": 1,
}  # fmt: skip

Part = tuple[str, str, str, str, float | None, float | None]
"""What a KPI model returns: period_grain, period_start, dimension, member, numerator, denominator."""


@dataclass
class Nights:
    """A company with KPIs whose models are tables written by hand; periods are made by the project's own SQL."""

    settings: Settings

    def declare(self, name: str, domain: str = "sales", **meta: Any) -> Kpi:
        """Write the contract of a KPI; a second time replaces the first."""
        path = self.settings.kpi_models / domain / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        kpi = {**copy.deepcopy(META), **meta}
        model = {"name": name, "description": f"What {name} is.", "config": {"meta": {"kpi": kpi}}}
        path.write_text(yaml.safe_dump({"models": [model]}, allow_unicode=True), encoding="utf-8")
        self._write_titles()
        return read_kpi(path, read_names(self.settings.kpi_models))

    def _write_titles(self) -> None:
        """Give every owner and objective that a KPI names a title."""
        for field in ("owner", "objective"):
            metas = [
                yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]["config"]["meta"]["kpi"]
                for path in kpi_files(self.settings.kpi_models)
            ]
            keys = sorted({meta[field] for meta in metas if field in meta})
            with (self.settings.kpi_models / f"{field}s.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("key", "title_en", "title_fa"), *((key, key, key) for key in keys)])

    def targets(self, *lines: str) -> None:
        header = (
            "kpi,dimension,member,period_grain,valid_from,valid_to,baseline,target,benchmark,at_risk_at,off_track_at"
        )
        (self.settings.kpi_models / "targets.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    def build(
        self,
        as_of: str,
        parts: Mapping[str, Iterable[Part]],
        *,
        days: tuple[str, str] | None = ("2024-01-01", "2024-12-31"),
        run: str = "run",
        is_partial: bool = False,
        failed: Sequence[str] = (),
    ) -> None:
        """Make the warehouse of one night: the parts of each KPI, and the first and last day of their input."""
        last = dt.date.fromisoformat(as_of)
        with connect(self.settings) as connection:
            create_raw_tables(connection, [])
            begin_run(connection, self.settings, Run(run, last, is_partial=is_partial))
            connection.execute("create schema if not exists entities; create schema if not exists kpi")
            for model in ("calendar_periods", "period_days", "periods"):
                connection.execute(f"create or replace table entities.{model} as {rendered(model)}")
            connection.execute("create or replace table entities.facts (happened_on date)")
            if days:
                first_day, last_day = days[0], min(days[1], as_of)
                connection.execute("insert into entities.facts values (?), (?)", [first_day, last_day])
            connection.execute("drop table if exists audit.verdicts")
            for name, returned in parts.items():
                connection.execute(
                    f"create or replace table kpi.{name} (period_grain text, period_start date, dimension text, "
                    "member text, numerator double, denominator double)"
                )
                if values := list(returned):
                    connection.executemany(f"insert into kpi.{name} values (?, ?, ?, ?, ?, ?)", values)
            self._write_manifest(parts)
            write_builds(
                connection, self.settings, [self.kpi(name) for name in parts], read_lineage(self.settings.dbt_target),
                dict.fromkeys(failed, "its SQL failed"),
            )  # fmt: skip

    def judge(self, held: Mapping[str, str] | None = None, findings: Sequence[Finding] = ()) -> None:
        """Write the verdicts of the audit: what is built may be published, except what is held."""
        with connect(self.settings) as connection:
            builds = rows(connection, "select * from audit.builds order by kpi")
            verdicts = []
            for built in builds:
                reason = (held or {}).get(built["kpi"])
                verdict = "held" if reason else "no_data" if built["status"] == "no_data" else "published"
                verdicts.append(Verdict(built["kpi"], verdict, reason or built["reason"]))
            record_audit(connection, findings, verdicts)

    def night(
        self, as_of: str, parts: Mapping[str, Iterable[Part]], held: Mapping[str, str] | None = None, **how: Any
    ) -> Release:
        """Build, judge and publish."""
        self.build(as_of, parts, **how)
        self.judge(held)
        return publish(self.settings)

    def kpi(self, name: str) -> Kpi:
        [path] = self.settings.kpi_models.glob(f"*/{name}.yml")
        return read_kpi(path, read_names(self.settings.kpi_models))

    def candidate(self, name: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Rows that would be published, in order."""
        with connect(self.settings) as connection:
            return connection.execute(
                f"select {columns} from (select * from candidate.kpi_values where kpi = '{name}' and {where} "
                "order by period_grain, period_start, dimension, member)"
            ).fetchall()

    def published(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """What a BI tool reads."""
        with duckdb.connect(str(self.settings.current / "kpi.duckdb"), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def _write_manifest(self, parts: Mapping[str, Any]) -> None:
        nodes = {f"model.kpi_pipeline.{name}": {"resource_type": "model", "name": name, "config": {}} for name in parts}
        source = {"source.kpi_pipeline.crm.facts": {"name": "facts", "source_name": "crm"}}
        parents = {node: list(source) for node in nodes}
        self.settings.dbt_target.mkdir(parents=True, exist_ok=True)
        (self.settings.dbt_target / "manifest.json").write_text(
            json.dumps({"nodes": nodes, "sources": source, "parent_map": parents}), encoding="utf-8"
        )


def rendered(model: str) -> str:
    """The SQL of a model of the periods, its Jinja filled in as dbt would for DuckDB."""
    sql = (ROOT / "dbt_project" / "models" / "periods" / f"{model}.sql").read_text(encoding="utf-8")
    return jinja2.Template(sql).render(
        ref=lambda name: f"entities.{name}",
        source=lambda schema, name: f"{schema}.{name}",
        dbt=SimpleNamespace(
            datediff=lambda first, second, part: f"date_diff('{part}', {first}, {second})",
            dateadd=lambda part, count, day: f"({day} + interval ({count}) {part})",
        ),
    )


@pytest.fixture
def new_nights(new_company: Callable[..., Company]) -> Callable[..., Nights]:
    """Found a company without exports, with settings of its own."""

    def found(**settings: Any) -> Nights:
        given = {
            "calendar_start": dt.date(2022, 1, 1), "calendar_end": dt.date(2026, 12, 31), "grains": "day,week,month",
            **settings,
        }  # fmt: skip
        company = new_company(**given)
        company.settings.kpi_models.mkdir(parents=True)
        company.settings.home.mkdir(parents=True)
        return Nights(company.settings)

    return found


@pytest.fixture
def nights(new_nights: Callable[..., Nights]) -> Nights:
    return new_nights()
