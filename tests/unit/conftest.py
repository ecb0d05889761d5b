"""What the unit tests stand on: a company of their own in a temporary folder, with a real DuckDB."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kpi_pipeline.ingest import FileLoad, IngestReport, ingest
from kpi_pipeline.settings import Settings, load_settings

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
    load: str = "merge",
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
                    "load": load,
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
        """Replace the exports that `system` is declared to write."""
        folder = self.settings.dbt_project / "models" / "staging" / system
        folder.mkdir(parents=True, exist_ok=True)
        source = {"version": 2, "sources": [{"name": system, "schema": "raw", "tables": list(tables)}]}
        (folder / f"_{system}__sources.yml").write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")

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
