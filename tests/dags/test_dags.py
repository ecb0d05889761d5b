"""The graphs that we promised: what Airflow really reads from dags/, task by task."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.errors import ConfigurationError
from kpi_pipeline.schedule import as_of_of, held_sentence

DAGS = Path(__file__).parents[2] / "dags"


def _environment(home: Path, **settings: str) -> dict[str, str]:
    """This machine's environment with an Airflow of its own and no settings but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "KPI_"))}
    return kept | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"} | settings


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """The DAGs as Airflow's own DagBag reads them."""
    home = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AIRFLOW", "KPI_"))]:
            patch.delenv(name)
        for name, value in _environment(home).items():
            patch.setenv(name, value)
        patch.setenv("KPI_TIMEZONE", "Asia/Tehran")
        patch.chdir(home)  # no .env of whoever runs the tests

        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(DAGS))
        assert bag.import_errors == {}
        yield dict(bag.dags)


def test_there_are_exactly_two_dags(dags: dict) -> None:
    assert sorted(dags) == ["kpi_backfill", "kpi_nightly"]


WAREHOUSE = ("warehouse", 1, 3)
ANYWHERE = ("default_pool", 1, 0)

# Task: what it waits for, and its pool, slots and retries.
GRAPHS = {
    "kpi_nightly": {
        "ingest_analytics": (set(), WAREHOUSE),
        "ingest_crm": (set(), WAREHOUSE),
        "ingest_hr": (set(), WAREHOUSE),
        "build": ({"ingest_analytics", "ingest_crm", "ingest_hr"}, WAREHOUSE),
        "audit": ({"build"}, WAREHOUSE),
        "publish": ({"audit"}, WAREHOUSE),
        "verdict": ({"publish"}, ANYWHERE),
    },
    "kpi_backfill": {
        "ingest": (set(), WAREHOUSE),
        "days": ({"ingest"}, WAREHOUSE),
        "rebuild": ({"days"}, WAREHOUSE),
        "verdict": ({"rebuild"}, ANYWHERE),
    },
}


@pytest.mark.parametrize("dag_id", sorted(GRAPHS))
def test_graph(dags: dict, dag_id: str) -> None:
    dag = dags[dag_id]
    read = {
        task.task_id: (set(task.upstream_task_ids), (task.pool, task.pool_slots, task.retries)) for task in dag.tasks
    }
    assert read == GRAPHS[dag_id]

    # A task that runs although one before it failed could publish garbage.
    assert {task.trigger_rule.value for task in dag.tasks} == {"all_success"}
    assert (dag.max_active_runs, dag.catchup, dag.tags) == (1, False, {"kpi"})


def test_a_night_is_the_interval_between_two_ticks_of_the_schedule(dags: dict) -> None:
    from airflow.sdk import CronDataIntervalTimetable

    timetable = dags["kpi_nightly"].timetable
    assert isinstance(timetable, CronDataIntervalTimetable)
    assert (timetable.expression, str(timetable.timezone)) == ("0 2 * * *", "Asia/Tehran")
    assert dags["kpi_backfill"].schedule is None


@pytest.mark.parametrize("dag_id", sorted(GRAPHS))
def test_what_is_retried(dags: dict, dag_id: str) -> None:
    from airflow.sdk import RetryAction

    for task in dags[dag_id].tasks:
        if not task.retries:
            continue
        assert task.retry_exponential_backoff
        assert task.retry_delay == dt.timedelta(minutes=2)
        for error, action in [(OSError(), RetryAction.DEFAULT), (ConfigurationError(), RetryAction.FAIL)]:
            assert task.retry_policy.evaluate(error, try_number=1, max_tries=3).action == action


def test_parameters(dags: dict) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    as_of = dags["kpi_nightly"].params.get_param("as_of")
    assert as_of.resolve() is None
    assert as_of.resolve("2024-06-30") == "2024-06-30"
    with pytest.raises(ParamValidationError):
        as_of.resolve("30 June")
    for name in ("start", "end"):
        with pytest.raises(ParamValidationError):
            dags["kpi_backfill"].params.get_param(name).resolve()


@pytest.mark.parametrize("dag_id", sorted(GRAPHS))
def test_an_operator_can_read_in_the_interface_what_each_task_does(dags: dict, dag_id: str) -> None:
    for task_id in GRAPHS[dag_id]:
        assert task_id.removesuffix("_analytics").removesuffix("_crm").removesuffix("_hr") in dags[dag_id].doc_md


def test_importing_a_dag_file_imports_nothing_heavy(tmp_path: Path) -> None:
    """The scheduler imports these files again and again: beyond Airflow they cost well under a second."""
    script = """
import json, runpy, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import CronDataIntervalTimetable, ExceptionRetryPolicy, Param, dag, task
before = set(sys.modules)
for path in sys.argv[1:]:
    runpy.run_path(path)
added = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
print(json.dumps(added))
"""
    files = sorted(str(path) for path in DAGS.glob("*.py"))
    assert len(files) == len(GRAPHS)
    done = subprocess.run(
        [sys.executable, "-c", script, *files],
        env=_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    added = json.loads(done.stdout.splitlines()[-1])
    assert "kpi_pipeline" in added
    heavy = {"dbt", "duckdb", "great_expectations", "numpy", "pandas", "pyarrow", "expectations", "openpyxl"}
    assert not heavy & set(added)


def _verbs(monkeypatch: pytest.MonkeyPatch, **held: str) -> list[object]:
    """Put verbs in the package's place that only write down how they were called."""
    calls: list[object] = []

    def build(settings: object, as_of: dt.date, run: str) -> None:
        if as_of == dt.date(2024, 6, 3):
            raise OSError("No space left on device")
        calls.append(run)

    for module, verbs in {
        "build.build": {"build": build},
        "audit.audit": {"audit": lambda settings, run: calls.append(f"audit {run}")},
        "release.publish": {"publish": lambda settings, run: calls.append(f"publish {run}")},
        "release.store": {"held": lambda settings: held, "current_release": lambda settings: None},
    }.items():
        monkeypatch.setitem(sys.modules, f"kpi_pipeline.{module}", SimpleNamespace(**verbs))
    return calls


@pytest.mark.parametrize("dag_id", sorted(GRAPHS))
def test_the_verdict_is_red_when_anything_is_held(dags: dict, dag_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    verdict = dags[dag_id].get_task("verdict").python_callable
    _verbs(monkeypatch)
    verdict()
    _verbs(monkeypatch, win_rate="a ratio above 1")
    with pytest.raises(AirflowFailException, match="win_rate: a ratio above 1"):
        verdict()


def test_a_backfill_finishes_each_day_before_the_next_and_stops_at_the_first_that_fails(
    dags: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _verbs(monkeypatch)
    idle = SimpleNamespace(get_dr_count=lambda dag_id, states: 0)
    rebuild = dags["kpi_backfill"].get_task("rebuild").python_callable
    with pytest.raises(OSError, match="No space"):
        rebuild(["2024-06-01", "2024-06-02", "2024-06-03", "2024-06-04"], ti=idle, run_id="again")
    first, second = "again/2024-06-01", "again/2024-06-02"
    assert calls == [
        first, f"audit {first}", f"publish {first}", second, f"audit {second}", f"publish {second}",
    ]  # fmt: skip


def test_a_backfill_does_not_start_in_the_middle_of_a_night(dags: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _verbs(monkeypatch)
    busy = SimpleNamespace(get_dr_count=lambda dag_id, states: int((dag_id, states) == ("kpi_nightly", ["running"])))
    with pytest.raises(Exception, match="A night is running"):
        dags["kpi_backfill"].get_task("rebuild").python_callable(["2024-06-01"], ti=busy, run_id="again")
    assert calls == []


TEHRAN = ZoneInfo("Asia/Tehran")


def _context(run_type: str, as_of: str | None = None, **moments: dt.datetime | None) -> dict:
    return {"params": {"as_of": as_of}, "dag_run": SimpleNamespace(run_type=run_type), **moments}


def _utc(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=dt.UTC)


def test_as_of_is_the_day_before_a_scheduled_run() -> None:
    # 02:00 in Tehran on 1 July is 22:30 in UTC on 30 June.
    night = _context("scheduled", data_interval_end=_utc(2024, 6, 30, 22, 30), logical_date=_utc(2024, 6, 29, 22, 30))
    assert as_of_of(night, TEHRAN) == dt.date(2024, 6, 30)
    assert as_of_of(night, ZoneInfo("UTC")) == dt.date(2024, 6, 29)


def test_a_schedule_without_weekends_still_takes_the_weekend_into_account() -> None:
    monday = _context("scheduled", data_interval_end=_utc(2024, 7, 1, 2), logical_date=_utc(2024, 6, 28, 2))
    assert as_of_of(monday, ZoneInfo("UTC")) == dt.date(2024, 6, 30)


def test_as_of_given_as_a_parameter_wins() -> None:
    night = _context("scheduled", as_of="2024-02-29", data_interval_end=_utc(2024, 7, 1, 2))
    assert as_of_of(night, TEHRAN) == dt.date(2024, 2, 29)


def test_as_of_is_the_day_before_a_run_by_hand() -> None:
    # Asked for at 01:00, before the night of that day: its data interval ended the morning before.
    by_hand = _context("manual", logical_date=_utc(2024, 7, 1, 1), data_interval_end=_utc(2024, 6, 30, 2))
    assert as_of_of(by_hand, ZoneInfo("UTC")) == dt.date(2024, 6, 30)


def test_as_of_is_yesterday_when_a_run_by_hand_has_no_logical_date() -> None:
    by_hand = _context("manual", logical_date=None, data_interval_end=None)
    before = dt.datetime.now(TEHRAN).date()
    found = as_of_of(by_hand, TEHRAN)
    assert before - dt.timedelta(days=1) <= found <= dt.datetime.now(TEHRAN).date() - dt.timedelta(days=1)


def test_a_red_night_names_what_is_held_and_why() -> None:
    sentence = held_sentence({"kpi win_rate": "a ratio above 1", "export crm.orders": "no file for 3 days"})
    assert "2 held back" in sentence
    assert "kpi win_rate: a ratio above 1" in sentence
    assert "export crm.orders: no file for 3 days" in sentence


def test_settings_of_a_night(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPI_TIMEZONE", raising=False)
    monkeypatch.setenv("KPI_SCHEDULE", "30 4 * * 6")
    monkeypatch.setenv("KPI_RETRIES", "0")
    settings = load_settings()
    assert (settings.schedule, settings.retries) == ("30 4 * * 6", 0)

    monkeypatch.setenv("KPI_TIMEZONE", "Mars")
    with pytest.raises(ConfigurationError, match="KPI_TIMEZONE: 'Mars' is not a time zone"):
        load_settings()
