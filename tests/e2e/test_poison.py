"""One bad export does not silence the rest: what depends on it keeps its last good values and says why."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from company import REAL_AS_OF, REAL_EXPORTS, ROOT, Company, environment

from kpi_pipeline.release.store import current_release

NEXT_DAY = REAL_AS_OF + dt.timedelta(days=1)

HALF_BROKEN = "crm/basket_lines_2017-12.csv.gz"
HEADER_ONLY = "hr/employees_2024-06-30.csv"
EMPTY = "crm/telco_subscriptions.csv"
COLUMN_MISSING = "crm/baskets_2017-11.parquet"
NO_PARQUET = "crm/baskets_2017-12.parquet"
NO_GZIP = "crm/basket_lines_2018-01.csv.gz"

# Entity: its poisoned files, each with words that must stand in the reason.
POISONED = {
    "order_lines": {HALF_BROKEN: "rows cannot be loaded, more than 5%", NO_GZIP: "promises gzip"},
    "employees": {HEADER_ONLY: "a header but no row"},
    "subscriptions": {EMPTY: "the file is empty"},
    "orders": {COLUMN_MISSING: "the column 'sales_value' is missing", NO_PARQUET: "promises Parquet"},
}


def _poison(exports: Path) -> None:
    lines = list(csv.reader(io.StringIO(gzip.decompress((exports / HALF_BROKEN).read_bytes()).decode())))
    quantity = lines[0].index("quantity")
    for line in lines[1::2]:
        line[quantity] = "a few"
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    (exports / HALF_BROKEN).write_bytes(gzip.compress(text.getvalue().encode()))

    (exports / NO_GZIP).write_text("basket_id,product_id,product_category,quantity,sales_value\n", encoding="utf-8")
    header = (exports / HEADER_ONLY).read_text(encoding="utf-8").splitlines()[0]
    (exports / HEADER_ONLY).write_text(header + "\n", encoding="utf-8")
    (exports / EMPTY).write_bytes(b"")
    (exports / NO_PARQUET).write_text("basket_id,household_id\n1,2\n", encoding="utf-8")
    whole = exports / COLUMN_MISSING
    with duckdb.connect() as connection:
        rows = f"select * exclude (sales_value) from read_parquet('{REAL_EXPORTS / COLUMN_MISSING}')"
        connection.execute(f"copy ({rows}) to '{whole}' (format parquet)")


@dataclass(frozen=True)
class Poisoned:
    """A company after a poisoned night, and what was published before it."""

    company: Company
    before: Company
    run: subprocess.CompletedProcess[str]

    @property
    def held(self) -> set[str]:
        """Every KPI that is computed from a poisoned entity, as the catalogue has it."""
        inputs = self.before.query("select kpi, string_split(inputs, ', ') from kpi_catalog")
        return {kpi for kpi, entities in inputs if set(entities) & set(POISONED)}


@pytest.fixture(scope="module")
def poisoned(real_night: Company, tmp_path_factory: pytest.TempPathFactory) -> Poisoned:
    company = real_night.copy(tmp_path_factory.mktemp("poisoned"))
    _poison(company.settings.exports)
    return Poisoned(company, real_night, company.kpi("run", "--as-of", NEXT_DAY.isoformat()))


def test_the_night_ends_with_3_and_says_what_is_held(poisoned: Poisoned) -> None:
    assert poisoned.run.returncode == 3, poisoned.run.stderr
    assert "Traceback" not in poisoned.run.stderr
    release = current_release(poisoned.company.settings)
    assert release is not None
    assert release.as_of == NEXT_DAY
    assert set(release.held) == poisoned.held | {f"export:{entity}" for entity in POISONED}
    for name in poisoned.held:
        assert name in poisoned.run.stdout

    status = poisoned.company.kpi("status")
    assert status.returncode == 3
    for name in release.held:
        assert name in status.stdout


def test_some_kpis_are_held_and_some_are_not(poisoned: Poisoned) -> None:
    everything = {kpi for (kpi,) in poisoned.before.query("select kpi from kpi_catalog")}
    assert len(poisoned.held) >= 8
    assert len(everything - poisoned.held) >= 5


@pytest.mark.parametrize("table", ["kpi_values", "kpi_scorecard", "kpi_catalog", "kpi_targets"])
def test_what_is_held_keeps_its_last_good_rows(poisoned: Poisoned, table: str) -> None:
    stale = " replace (true as is_stale)" if table in ("kpi_values", "kpi_scorecard") else ""
    names = sorted(poisoned.held)
    before = poisoned.before.query(f"select *{stale} from {table} where list_contains(?, kpi) order by all", [names])
    assert before
    assert poisoned.company.query(f"select * from {table} where list_contains(?, kpi) order by all", [names]) == before


def test_everything_else_is_of_the_new_night(poisoned: Poisoned) -> None:
    found = poisoned.company.query("select kpi, as_of, is_stale from kpi_values group by all")
    fresh = {kpi for kpi, as_of, is_stale in found if as_of == NEXT_DAY and not is_stale}
    stale = {kpi for kpi, as_of, is_stale in found if as_of == REAL_AS_OF and is_stale}
    assert fresh | stale == {kpi for (kpi,) in poisoned.before.query("select distinct kpi from kpi_values")}
    assert len(found) == len(fresh) + len(stale)
    assert stale == poisoned.held


def test_every_reason_names_file_and_cause(poisoned: Poisoned) -> None:
    runs = poisoned.company.query(
        "select kpi, verdict, reason, since, inputs from kpi_runs inner join kpi_catalog using (kpi) where as_of = ?",
        [NEXT_DAY],
    )
    assert {kpi for kpi, verdict, *_ in runs if verdict == "held"} == poisoned.held
    for kpi, verdict, reason, since, inputs in runs:
        if verdict != "held":
            assert reason == "", kpi
            continue
        assert since == NEXT_DAY
        for entity in set(inputs.split(", ")) & set(POISONED):
            for file, cause in POISONED[entity].items():
                assert file in reason
                assert cause in reason
    release = current_release(poisoned.company.settings)
    assert release is not None
    for entity, files in POISONED.items():
        assert all(file in release.held[f"export:{entity}"] for file in files)


def test_a_broken_row_is_in_quarantine_with_its_line_and_column(poisoned: Poisoned) -> None:
    found = poisoned.company.ask_warehouse(
        "select line, column_name, reason, raw_text from raw.quarantine where file = ? order by line limit 1",
        [HALF_BROKEN],
    )
    ((line, column, reason, raw_text),) = found
    assert (line, column) == (2, "quantity")
    assert "'a few' is no decimal" in reason
    assert ",a few," in raw_text


def test_mending_the_files_heals_the_night(poisoned: Poisoned, tmp_path: Path) -> None:
    mended = poisoned.company.copy(tmp_path)
    (mended.settings.exports / NO_GZIP).unlink()
    for file in (HALF_BROKEN, HEADER_ONLY, EMPTY, COLUMN_MISSING, NO_PARQUET):
        shutil.copy(REAL_EXPORTS / file, mended.settings.exports / file)

    run = mended.kpi("run", "--as-of", NEXT_DAY.isoformat())

    assert run.returncode == 0, run.stdout + run.stderr
    assert mended.query("select distinct as_of, is_stale from kpi_values") == [(NEXT_DAY, False)]
    assert mended.query("select distinct verdict from kpi_runs where as_of = ?", [NEXT_DAY]) == [("published",)]
    values = """
        select kpi, period_grain, period_start, dimension, member, numerator, denominator, kpi_value from kpi_values
        where period_end <= ? and (dimension = 'all' or period_grain not in ('day', 'week')) order by all
    """
    before = poisoned.before.query(values, [REAL_AS_OF])
    assert len(before) > 10_000
    assert mended.query(values, [REAL_AS_OF]) == before
    assert mended.query("select * from kpi_revisions") == []


@pytest.fixture
def airflow(small_company: Company, tmp_path: Path) -> dict[str, str]:
    """An Airflow of its own, prepared as `make run` prepares it."""
    variables = small_company.environment | environment(
        AIRFLOW_HOME=str(tmp_path / "airflow"),
        AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        KPI_RETRIES="0",
    )
    for arguments in (["db", "migrate"], ["pools", "set", "warehouse", "1", "Whoever writes the warehouse"]):
        subprocess.run(
            [sys.executable, "-m", "airflow", *arguments], env=variables, cwd=tmp_path, capture_output=True, check=True
        )
    return variables


def test_the_dag_publishes_the_rest_and_ends_red(
    small_company: Company, airflow: dict[str, str], tmp_path: Path
) -> None:
    first, second = dt.date(2024, 6, 5), dt.date(2024, 6, 6)
    small_company.night(first)
    small_company.write("crm/orders_2.csv", "order_id,customer_id,ordered_at,status\no9,c1,2024-06-06,completed\n")

    done = subprocess.run(
        [
            sys.executable, "-m", "airflow", "dags", "test", "kpi_nightly",
            "-c", json.dumps({"as_of": second.isoformat()}),
        ],
        env=airflow, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    with sqlite3.connect(tmp_path / "airflow" / "airflow.db") as database:
        states = dict(database.execute("select task_id, state from task_instance").fetchall())
    assert states.pop("verdict") == "failed"
    assert set(states) == {"ingest_analytics", "ingest_crm", "ingest_hr", "build", "audit", "publish"}
    assert set(states.values()) == {"success"}
    assert "average_order_value: the export orders was refused: crm/orders_2.csv" in done.stdout + done.stderr
    verdicts = small_company.query("select kpi, as_of from kpi_values group by all order by all")
    assert verdicts == [
        ("average_order_value", first), ("employee_turnover_rate", second), ("monthly_recurring_revenue", second),
        ("page_views", second), ("successful_orders", first),
    ]  # fmt: skip
