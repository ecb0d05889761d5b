"""A tool unknown to us is added in one layout: the steps of docs/add-an-export.md, taken as they stand there."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import textwrap
from decimal import Decimal
from pathlib import Path

from company import ROOT, Company

PAGE = ROOT / "docs" / "add-an-export.md"
SECTION = "## A tool nobody knows, step by step"
SOURCES = "dbt_project/models/staging/crm/_crm__sources.yml"


def _blocks() -> list[str]:
    section = PAGE.read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)


def _add_layout(sources: Path, layout: str) -> None:
    """Put the layout where the page says: under the `layouts:` of opportunities."""
    text = sources.read_text(encoding="utf-8")
    table = text.index("- name: opportunities\n")
    at = text.index("layouts:\n", table) + len("layouts:\n")
    sources.write_text(text[:at] + textwrap.indent(layout, 16 * " ") + text[at:], encoding="utf-8")


def test_a_crm_nobody_knows_becomes_opportunities_in_one_layout(tmp_path: Path) -> None:
    export, layout, mended = _blocks()
    project = tmp_path / "project"
    shutil.copytree(ROOT / "dbt_project", project / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(ROOT / "kpi_models", project / "kpi_models")
    company = Company.at(tmp_path, project=project)
    company.write("crm/vorgaenge_2024-06-30.csv", export)

    unknown = company.kpi("ingest", "crm")
    _add_layout(project / SOURCES, layout)
    refused = company.kpi("ingest", "crm")
    shown = company.kpi("quarantine", "crm/vorgaenge_2024-06-30.csv")
    sources = (project / SOURCES).read_text(encoding="utf-8")
    last_line = layout.splitlines()[-1]
    (project / SOURCES).write_text(
        sources.replace(last_line, last_line + "\n" + textwrap.indent(mended.rstrip("\n"), 16 * " ")), encoding="utf-8"
    )
    loaded = company.kpi("ingest", "crm")

    assert "no layout reads this file" in unknown.stdout + unknown.stderr
    assert refused.returncode == 3
    assert "'auf Anfrage' is no decimal(18,4)" in shown.stdout
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    rows = company.ask_warehouse(
        "select opportunity_id, created_at, rep_id, stage, outcome, amount, closed_on, proposal_sent_at, _version_at "
        "from raw.opportunities order by opportunity_id"
    )
    exported_on = dt.datetime(2024, 6, 30)
    # noon in Berlin is ten o'clock in UTC, where everything is stored
    assert rows == [
        ("V-101", dt.datetime(2024, 6, 3, 7, 15), "r07", "Gewonnen", "won", Decimal("12500.0000"),
         dt.date(2024, 6, 28), dt.datetime(2024, 6, 10, 6, 0), exported_on),
        ("V-102", dt.datetime(2024, 6, 5, 14, 40), "r03", "Verhandlung", "open", Decimal("8000.0000"),
         None, dt.datetime(2024, 6, 21, 15, 30), exported_on),
        ("V-103", dt.datetime(2024, 6, 11, 9, 5), "r07", "Verloren", "lost", Decimal("3250.5000"),
         dt.date(2024, 6, 19), None, exported_on),
        ("V-104", dt.datetime(2024, 6, 12, 8, 0), "r03", "Verhandlung", "open", None, None, None, exported_on),
    ]  # fmt: skip
