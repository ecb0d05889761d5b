"""A company to test with: its settings, its exports, its nights, and how everybody else sees what it published.

Nothing here is a double: nights are real, in this process or through the command line, and what was published is read
with DuckDB from `published/current`, as a BI tool reads it.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from kpi_pipeline.audit.audit import audit
from kpi_pipeline.build.build import build
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.contracts.tables import TABLES
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.release.publish import publish
from kpi_pipeline.release.store import Release

ROOT = Path(__file__).parents[1]
REAL_COMPANY = ROOT / "tests" / "real"
"""Its `layouts` are those of public data sets, which no tool writes."""
REAL_EXPORTS = REAL_COMPANY / "exports"
REAL_AS_OF = dt.date(2024, 6, 30)

FEW_KPIS = (
    "hr/employee_turnover_rate",
    "revenue/monthly_recurring_revenue",
    "sales/average_order_value",
    "sales/successful_orders",
    "web/page_views",
)
"""Enough KPIs where a test is about the pipeline and not about them: each of them has an input of its own."""

REAL_KPIS = (
    "hr/employee_retention_rate",
    "hr/employee_turnover_rate",
    "marketing/new_customers",
    "marketing/returning_customers",
    "revenue/annual_recurring_revenue",
    "revenue/average_revenue_per_user",
    "revenue/churn_rate",
    "revenue/customer_lifetime_value",
    "revenue/customer_retention_rate",
    "revenue/monthly_recurring_revenue",
    "revenue/repeat_purchase_rate",
    "revenue/repurchase_cohort_rate",
    "sales/average_order_value",
    "sales/product_return_rate",
    "sales/sales_growth",
    "sales/successful_orders",
    "web/bounce_rate",
    "web/cart_abandonment_rate",
    "web/conversion_rate",
    "web/conversions",
    "web/daily_active_users",
    "web/monthly_active_users",
    "web/page_views",
    "web/returning_user_rate",
    "web/shop_conversion_rate",
    "web/time_on_site",
    "web/visitor_to_customer_rate",
)
"""What the exports of tests/real have known answers for."""

RUN_COLUMNS = {"kpi_runs": {"run"}, "kpi_audits": {"run"}, "kpi_revisions": {"changed_in_release"}}
"""What differs between two runs of one night, by table."""


# Other processes work in folders of their own, so a relative path would lead them nowhere.
_PYTHONPATH = [str(Path(entry).absolute()) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]


def environment(**settings: str) -> dict[str, str]:
    """This machine's environment with no settings of the pipeline or of Airflow but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KPI_"))}
    return kept | {"PYTHONPATH": os.pathsep.join(_PYTHONPATH)} | settings


@dataclass(frozen=True)
class Company:
    """Settings, and the verbs of a night with them."""

    settings: Settings

    @classmethod
    def at(cls, folder: Path, **settings: Any) -> Company:
        """A company whose home and exports lie in `folder`; no `.env` of whoever runs the tests is read."""
        given = {"home": folder / "home", "exports": folder / "exports"} | settings
        Path(given["exports"]).mkdir(parents=True, exist_ok=True)
        return cls(load_settings(_env_file=None, **given))

    def copy(self, folder: Path, **settings: Any) -> Company:
        """The same company again in `folder`, home and exports, to be changed at will."""
        for name in ("home", "exports"):
            if getattr(self.settings, name).exists():
                shutil.copytree(getattr(self.settings, name), folder / name, symlinks=True)
        given = {name: getattr(self.settings, name) for name in self.settings.model_fields_set}
        return Company.at(folder, **(given | {"home": folder / "home", "exports": folder / "exports"} | settings))

    def write(self, file: str, text: str) -> Path:
        """Write an export."""
        path = self.settings.exports / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def night(self, as_of: dt.date) -> Release:
        """One whole night in this process."""
        ingest(self.settings)
        return self.rebuild(as_of)

    def rebuild(self, as_of: dt.date) -> Release:
        """A night without the ingest."""
        build(self.settings, as_of)
        audit(self.settings)
        return publish(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which every other program sees the same settings."""
        given = {name: getattr(self.settings, name) for name in self.settings.model_fields_set}
        texts = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
        return environment(**{f"KPI_{name.upper()}": text for name, text in texts.items()})

    def command(self, *arguments: str) -> list[str]:
        """The command line of `kpi`, as installed beside this Python, or from the sources."""
        installed = Path(sys.executable).with_name("kpi")
        program = (
            [str(installed)]
            if installed.exists()
            else [sys.executable, "-c", "from kpi_pipeline.cli import app; app()"]
        )
        return [*program, *arguments]

    def kpi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `kpi` as a person would, in a process of its own."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.settings.exports,
            capture_output=True,
            text=True,
            check=False,
        )

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Ask the current release."""
        with duckdb.connect(str(self.settings.current / "kpi.duckdb"), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def ask_warehouse(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Ask what the pipeline keeps for itself."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def content(self, *without: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every published table but those named, its rows in order, without what differs between two runs."""
        found = {}
        for table in sorted(set(TABLES) - set(without)):
            columns = ", ".join(name for name in TABLES[table] if name not in RUN_COLUMNS.get(table, set()))
            found[table] = self.query(f"select {columns} from {table} order by all")
        return found


def project_with(folder: Path, kpis: Iterable[str], targets: Path | None = None) -> Path:
    """A copy of the project in `folder` with only these KPIs (``domain/name``), what they read, and their targets.

    A night costs by the model; a test that is about something else than their SQL does not need all of them.
    """
    kpis = list(kpis)
    shutil.copytree(ROOT / "dbt_project", folder / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(ROOT / "layouts", folder / "layouts")
    copy_kpis(folder, kpis, targets)
    _leave_out_models(folder, {Path(name).name for name in kpis})
    return folder


def copy_kpis(folder: Path, kpis: Collection[str], targets: Path | None = None) -> None:
    """Copy these KPIs, what stands beside them and their targets into the project `folder`."""
    shutil.copytree(ROOT / "kpi_models" / "_template", folder / "kpi_models" / "_template")
    for file in ("owners.csv", "objectives.csv"):
        shutil.copy(ROOT / "kpi_models" / file, folder / "kpi_models" / file)
    for name in kpis:
        domain = Path(name).parent
        (folder / "kpi_models" / domain).mkdir(exist_ok=True)
        shutil.copy(ROOT / "kpi_models" / domain / f"_{domain}.yml", folder / "kpi_models" / domain / f"_{domain}.yml")
        for suffix in (".sql", ".yml"):
            shutil.copy(ROOT / "kpi_models" / f"{name}{suffix}", folder / "kpi_models" / f"{name}{suffix}")
    _copy_targets(targets or ROOT / "kpi_models" / "targets.csv", folder / "kpi_models", {Path(n).name for n in kpis})


def _leave_out_models(project: Path, kpis: Collection[str]) -> None:
    """Remove the staging and entity models that none of `kpis` reads, with what the YAML says of entities."""
    files = {path.stem: path for path in project.glob("*/**/*.sql")}
    reads = {
        name: set(re.findall(r"ref\(\s*['\"](\w+)['\"]\s*\)", path.read_text(encoding="utf-8")))
        for name, path in files.items()
    }
    # a macro reads for every KPI that calls it
    needed, found = set(), {*kpis, *reads["add_up"]}
    while found:
        needed |= found
        found = set().union(*(reads.get(name, set()) for name in found)) - needed
    models = project / "dbt_project" / "models"
    kept_if_read = [*(models / "entities").rglob("*.sql"), *(models / "staging").rglob("*.sql")]
    for path in kept_if_read:
        if path.stem not in needed:
            path.unlink()
            # what the YAML says of a staging model is the contract of its export, which ingest reads
            if path.is_relative_to(models / "entities"):
                path.with_suffix(".yml").unlink()


def _copy_targets(targets: Path, kpi_models: Path, kpis: Collection[str]) -> None:
    with targets.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        kept = [row for row in reader if row["kpi"] in kpis]
    with (kpi_models / "targets.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(kept)


def few_exports(company: Company) -> None:
    """A handful of rows for every KPI of FEW_KPIS, all dated in June 2024."""
    company.write(
        "crm/orders_1.csv",
        "order_id,customer_id,ordered_at,status,revenue,channel\n"
        "o1,c1,2024-06-01T10:00:00,completed,10,web\n"
        "o2,c2,2024-06-03T11:00:00,completed,25.50,store\n"
        "o3,,2024-06-05T12:00:00,cancelled,99,web\n",
    )
    company.write(
        "crm/subscriptions.csv",
        "subscription_id,customer_id,plan,started_on,ended_on,monthly_amount\n"
        "s1,c1,basic,2024-06-01,,10\n"
        "s2,c2,pro,2024-06-02,2024-06-06,30\n",
    )
    company.write(
        "hr/employees_2024-06-05.csv",
        "employee_id,hired_on,left_on,leaving_reason,department,team,recruitment_source,employment_type\n"
        + "".join(f"e{number},2024-06-01,,,sales,,,full_time\n" for number in range(1, 8))
        + "e8,2024-06-01,2024-06-04,voluntary,sales,,,full_time\n",
    )
    company.write(
        "analytics/web_events_1.csv",
        "event_id,session_id,visitor_id,event_at,event_name,channel\n"
        "v1,s1,u1,2024-06-01T10:00:00,page_view,direct\n"
        "v2,s1,u1,2024-06-01T10:01:00,page_view,direct\n"
        "v3,s2,u2,2024-06-05T09:00:00,page_view,email\n",
    )
