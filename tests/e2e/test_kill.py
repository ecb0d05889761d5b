"""Killed at any moment and run again, a night publishes the same content, and no reader saw anything half-done."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from bi_tool import bi_tool
from company import Company, few_exports

FIRST, SECOND = dt.date(2024, 6, 5), dt.date(2024, 6, 8)
KILLS = 15
SEED = 20240605


def _newer_exports(company: Company) -> None:
    header = "order_id,customer_id,ordered_at,status,revenue,channel\n"
    many = "".join(f"k{number},c{number % 7},2024-06-07T08:00:00,completed,{number}.25,web\n" for number in range(2000))
    company.write("crm/orders_2.csv", header + many)
    company.write("crm/orders_3.csv", header + "o1,c1,2024-06-01T10:00:00,completed,11,web\n")
    company.write(
        "analytics/web_events_2.csv",
        "event_id,session_id,visitor_id,event_at,event_name,channel\nv9,s9,u9,2024-06-08T10:00:00,page_view,direct\n",
    )


def _start(company: Company) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        company.command("run", "--as-of", SECOND.isoformat()),
        env=company.environment,
        cwd=company.settings.exports,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes], *, with_children: bool) -> None:
    """What a power cut or a container's end does to all, and the kernel short of memory to one."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    if with_children:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    if with_children:
        psutil.wait_procs(children)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_any_moment_and_run_again(few_kpis: Path, tmp_path: Path) -> None:
    undisturbed = Company.at(tmp_path / "undisturbed", project=few_kpis)
    few_exports(undisturbed)
    undisturbed.night(FIRST)
    _newer_exports(undisturbed)
    killed = undisturbed.copy(tmp_path / "killed")

    began = time.monotonic()
    assert _start(undisturbed).wait() == 0
    duration = time.monotonic() - began

    dice = random.Random(SEED)
    interrupted = 0
    with bi_tool(killed) as report:
        for number in range(KILLS):
            # one moment in each fifteenth of a night, so that every step is hit
            moment = duration * (number + dice.random()) / KILLS
            process = _start(killed)
            try:
                assert process.wait(moment) == 0
            except subprocess.TimeoutExpired:
                _kill(process, with_children=number % 3 != 2)
                interrupted += 1
        last = killed.kpi("run", "--as-of", SECOND.isoformat())

    assert last.returncode == 0, last.stdout + last.stderr
    assert interrupted >= KILLS // 2
    assert report["wrong"] == []
    assert set(report["seen"]) == {FIRST.isoformat(), SECOND.isoformat()}
    assert killed.content() == undisturbed.content()
    raw = "select count(*), count(distinct (order_id, _load)) from raw.orders"
    assert killed.ask_warehouse(raw) == undisturbed.ask_warehouse(raw)
    assert not list((killed.settings.published / "releases").glob(".building-*"))


@pytest.mark.long
def test_a_run_waits_for_the_dbt_that_a_killed_one_left_behind(small_company: Company) -> None:
    small_company.night(FIRST)
    _newer_exports(small_company)
    warehouse = str(small_company.settings.warehouse)
    process = _start(small_company)
    left_behind: list[psutil.Process] = []
    while not left_behind:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)  # it must not end before dbt has the warehouse open
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if warehouse in {file.path for file in child.open_files()}:
                    left_behind.append(child)

    _kill(process, with_children=False)
    assert left_behind[0].is_running()
    after = small_company.kpi("run", "--as-of", SECOND.isoformat())

    assert after.returncode == 0, after.stderr
    assert not left_behind[0].is_running()
    assert small_company.query("select distinct as_of, is_stale from kpi_values") == [(SECOND, False)]
