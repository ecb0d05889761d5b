"""A tool unknown to us is added in one file: the steps of docs/add-an-export.md, taken as they stand there."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from decimal import Decimal
from pathlib import Path

from company import ROOT, Company

PAGE = ROOT / "docs" / "add-an-export.md"
SECTION = "## A tool nobody knows, step by step"
LAYOUT = "layouts/vorgaenge.yml"


def _blocks() -> list[str]:
    section = PAGE.read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)


def test_a_crm_nobody_knows_becomes_opportunities_in_one_file(tmp_path: Path) -> None:
    export, command, layout, mended = _blocks()
    assert f"`{LAYOUT}`" in PAGE.read_text(encoding="utf-8")
    path = tmp_path / "ours" / LAYOUT
    path.parent.mkdir(parents=True)
    company = Company.at(tmp_path, company=tmp_path / "ours", currency="EUR")
    company.write("crm/vorgaenge_2024-06-30.csv", export)

    unknown = company.kpi("ingest", "crm")
    drafted = company.kpi(*shlex.split(command)[1:])
    path.write_text(layout, encoding="utf-8")
    first = company.kpi("ingest", "crm")
    shown = company.kpi("quarantine", "crm/vorgaenge_2024-06-30.csv")
    path.write_text(layout + mended, encoding="utf-8")
    loaded = company.kpi("quarantine", "--retry")

    assert "no layout reads it" in unknown.stdout + unknown.stderr
    # what the page says that it can guess is what the finished layout says
    for guess in ('decimal_mark: ","', 'files: "crm/vorgaenge_{date:%Y-%m-%d}"', "opportunity_id: FILL_IN"):
        assert guess in drafted.stdout
    assert "Angelegt am (a moment, %d.%m.%Y %H:%M)" in drafted.stdout
    assert first.returncode == 0, first.stdout + first.stderr
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
