"""The same exports give the same release, however often they are read and in whatever order they came."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pyarrow.parquet
from company import REAL_AS_OF, RUN_COLUMNS, Company, few_exports

from kpi_pipeline.contracts.tables import TABLES
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.release.store import current_release


def _files(company: Company) -> tuple[str, Path]:
    release = current_release(company.settings)
    assert release is not None
    return release.name, release.path


def _csv_without_run(company: Company, table: str) -> bytes:
    """The file as it is, the name of the run and of the release taken out."""
    name, path = _files(company)
    text = (path / "csv" / f"{table}.csv").read_bytes()
    runs = {run for (run,) in company.query("select run from kpi_runs union select run from kpi_audits")}
    for word in (name, *runs):
        text = text.replace(word.encode(), b"-")
    return text


def test_the_same_night_again(real_night: Company, real_copy: Company) -> None:
    report = ingest(real_copy.settings)
    assert len(report.files) >= 19
    assert {file.status for file in report.files} == {"known"}
    loads = real_copy.ask_warehouse("select count(*) from raw.loads")

    real_copy.night(REAL_AS_OF)

    assert real_copy.ask_warehouse("select count(*) from raw.loads") == loads
    assert _files(real_copy)[0] != _files(real_night)[0]
    assert real_copy.content() == real_night.content()
    for table in TABLES:
        assert _csv_without_run(real_copy, table) == _csv_without_run(real_night, table), table
        one, other = (_files(night)[1] / "parquet" / f"{table}.parquet" for night in (real_night, real_copy))
        if table in RUN_COLUMNS:
            columns = [column for column in TABLES[table] if column not in RUN_COLUMNS[table]]
            assert pyarrow.parquet.read_table(one, columns=columns).equals(
                pyarrow.parquet.read_table(other, columns=columns)
            ), table
        else:
            assert one.read_bytes() == other.read_bytes(), table


def test_files_that_arrive_in_another_order(few_kpis: Path, tmp_path: Path) -> None:
    """Newer files before older ones, on other nights, one of them twice under two names."""
    day = dt.date(2024, 6, 5)
    at_once = Company.at(tmp_path / "at_once", project=few_kpis)
    few_exports(at_once)
    header = "employee_id,hired_on,left_on,leaving_reason,department,team,recruitment_source,employment_type\n"
    at_once.write("hr/employees_2024-06-01.csv", header + "e1,2024-06-01,,,sales,,,full_time\n")
    header = "order_id,customer_id,ordered_at,status,revenue,channel\n"
    at_once.write("crm/orders_2.csv", header + "o4,c3,2024-06-04T10:00:00,completed,7,web\n")
    at_once.night(day)

    piecemeal = Company.at(tmp_path / "piecemeal", project=few_kpis)
    files = sorted((path for path in at_once.settings.exports.rglob("*.csv")), reverse=True)
    assert len(files) == 6
    for file in files:
        target = piecemeal.settings.exports / file.relative_to(at_once.settings.exports)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(file, target)
        ingest(piecemeal.settings)
    shutil.copy(at_once.settings.exports / "crm/orders_1.csv", piecemeal.settings.exports / "crm/orders_again.csv")
    piecemeal.night(day)

    assert len(at_once.content()["kpi_values"]) > 100
    assert piecemeal.content() == at_once.content()
