"""What `kpi build` of all KPIs costs, beside the same SQL in one bare DuckDB connection.

    python -m benchmarks.build [--rows 200_000] [--rounds 5]

Both make every model of dbt anew, from the same ingested sample, in a process of their own with the same memory and
threads, into a DuckDB file. Ours also starts dbt, records each model, and turns the parts of every KPI into the values
that would be published. What dbt needs to start, with a parsed project at hand, is listed apart: it is paid once a
night, whatever its data.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.measure import compare
from kpi_pipeline.build.build import build
from kpi_pipeline.build.dbt import dbt_command
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.ingest.ingest import ingest
from kpi_sample import DEFAULT_AS_OF, DEFAULT_ROWS, write_sample
from tests.compiled import CATALOG, compile_models

MEMORY_LIMIT = "1500MB"
THREADS = 2

BARE = f"""
import json, pathlib, sys, duckdb
with duckdb.connect(config={{"memory_limit": "{MEMORY_LIMIT}", "threads": {THREADS}}}) as connection:
    connection.execute(f"load icu; set TimeZone = 'UTC'; attach '{{sys.argv[1]}}' as {CATALOG}; use {CATALOG}")
    for statement in json.loads(pathlib.Path(sys.argv[2]).read_text()):
        connection.execute(statement)
"""

OURS = f"""
import datetime, sys
from kpi_pipeline.build.build import build
from kpi_pipeline.contracts.settings import load_settings
settings = load_settings(_env_file=None, home=sys.argv[1], memory_limit="{MEMORY_LIMIT}", threads={THREADS})
built = build(settings, datetime.date.fromisoformat(sys.argv[2]))
assert built and not [kpi for kpi in built if kpi.status == "failed"], built
"""

# with the same settings: dbt parses anew what it parsed under others
DBT = f"""
import subprocess, sys
from kpi_pipeline.build.dbt import dbt_environment
from kpi_pipeline.contracts.settings import load_settings
settings = load_settings(_env_file=None, home=sys.argv[1], memory_limit="{MEMORY_LIMIT}", threads={THREADS})
subprocess.run(sys.argv[2:], env=dbt_environment(settings), check=True)
"""


def prepare(folder: Path, rows: int) -> tuple[Settings, Path, Path]:
    """A home with the sample ingested and built once, a copy of its warehouse, and the statements of all models."""
    write_sample(folder / "exports", rows=rows)
    settings = load_settings(
        _env_file=None, home=folder / "home", exports=folder / "exports", memory_limit=MEMORY_LIMIT, threads=THREADS
    )
    ingest(settings)
    build(settings, DEFAULT_AS_OF)
    statements = folder / "statements.json"
    statements.write_text(json.dumps([model.statement for model in compile_models(settings).models]))
    bare = folder / "bare.duckdb"
    shutil.copy(settings.warehouse, bare)
    return settings, bare, statements


def main() -> None:
    """Ingest the sample, run both in turns, print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as folder:
        # in a process of its own: the commands measured would inherit its peak of memory
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other_process:
            settings, bare, statements = other_process.submit(prepare, Path(folder), given.rows).result()
        models = len(json.loads(statements.read_text()))
        print(f"{given.rows:,} web events, {models} models, median of {given.rounds}")
        print(
            compare(
                given.rounds,
                [sys.executable, "-c", BARE, str(bare), str(statements)],
                [sys.executable, "-c", OURS, str(settings.home), str(DEFAULT_AS_OF)],
                start_up=[sys.executable, "-c", DBT, str(settings.home), *dbt_command(settings, "ls", "--quiet")],
            )
        )


if __name__ == "__main__":
    main()
