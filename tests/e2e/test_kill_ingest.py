"""Killed at any moment of ingest, the next run finishes the work: the same tables as an undisturbed run."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from company import Company

from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.warehouse.connection import connect

KILLS = 50
SEED = 20240630

INGEST = """
import sys
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.contracts.settings import load_settings
settings = load_settings(_env_file=None)
print("ready", flush=True)
ingest(settings)
"""


def _exports(company: Company) -> None:
    """Files of every way in: typed while read, row by row for their dirt, JSON lines, a snapshot, keys that repeat."""
    header = "order_id,customer_id,ordered_at,status,revenue,channel\n"

    def orders(first: int, last: int, revenue: int) -> str:
        return "".join(
            f"o{number},c{number % 97},2024-06-{number % 28 + 1:02} 10:00:00,completed,{revenue}.5,web\n"
            for number in range(first, last)
        )

    company.write("crm/orders_1.csv", header + orders(0, 12_000, 10))
    company.write("crm/orders_2.csv", header + orders(9_000, 18_000, 20) + "bad,c1,no day,completed,1,web\n")
    company.write("crm/orders_3.csv", header + orders(0, 2_000, 30))
    events = "".join(
        f'{{"event_id": "e{number % 5_000}", "session_id": "s{number % 900}", "visitor_id": "v{number % 300}", '
        f'"event_at": "2024-06-{number % 28 + 1:02}T08:00:00Z", "event_name": "page_view"}}\n'
        for number in range(6_000)
    )
    company.write("analytics/web_events_1.jsonl", events)
    company.write("analytics/web_events_2.jsonl", events + "no object\n")
    # refused, and so read again by every run: the last one, because each time it gets a new number in the ledger
    company.write("hr/employees_2024-06-03.csv", "employee_id,hired\np1,2024-01-01\n")
    for day in (1, 2):
        employees = "".join(f"p{number},2024-01-01,,,sales,,,\n" for number in range(day * 1_000))
        company.write(
            f"hr/employees_2024-06-0{day}.csv",
            "employee_id,hired_on,left_on,leaving_reason,department,team,recruitment_source,employment_type\n"
            + employees,
        )


def _tables(company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """What ingest left, all of it but the moment of each load, and the times of the copied files."""
    without = {"loads": "exclude (loaded_at)", "files": "exclude (modified_ns, changed_ns)"}
    with connect(company.settings, read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        return {
            name: connection.execute(f"select * {without.get(name, '')} from raw.{name} order by all").fetchall()
            for (name,) in names
        }


def _start(company: Company) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST], env=company.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_any_moment_of_ingest_and_run_again(tmp_path: Path) -> None:
    undisturbed = Company.at(tmp_path / "undisturbed")
    _exports(undisturbed)
    before = Company.at(tmp_path / "before", exports=undisturbed.settings.exports)
    began = time.monotonic()
    assert _start(undisturbed).wait() == 0
    duration = time.monotonic() - began
    expected = _tables(undisturbed)
    assert len(expected["orders"]) == 23_000
    assert len(expected["web_events"]) == 5_000
    assert len(expected["quarantine"]) >= 2

    dice, interrupted = random.Random(SEED), 0
    for number in range(KILLS):
        killed = before.copy(tmp_path / f"killed{number}", exports=undisturbed.settings.exports)
        process = _start(killed)
        try:
            # one moment in each fiftieth, so that every step is hit
            process.wait(duration * (number + dice.random()) / KILLS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            interrupted += 1

        ingest(killed.settings)

        assert _tables(killed) == expected, f"killed at {number + 1} of {KILLS}"

    assert interrupted >= KILLS // 2
