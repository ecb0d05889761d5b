"""What `kpi audit` of a night costs, beside the same rules asked as plain SQL in one bare DuckDB connection.

    python -m benchmarks.audit [--rows 200_000] [--rounds 5]

Both judge the same build of the sample, in a process of their own with the same memory and threads. Ours also imports
Great Expectations, lets it ask the rules, and writes findings and verdicts. What the import costs is listed apart: it
is paid once a night, whatever there is to judge.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.measure import compare
from expectations import rules_for_entities, rules_for_exports, rules_for_kpis
from kpi_pipeline.audit.audit import audit
from kpi_pipeline.build.build import build
from kpi_pipeline.contracts.export import read_entities
from kpi_pipeline.contracts.kpi import read_registry
from kpi_pipeline.contracts.lineage import read_lineage
from kpi_pipeline.contracts.settings import Settings, load_settings
from kpi_pipeline.ingest.ingest import ingest
from kpi_sample import DEFAULT_AS_OF, DEFAULT_ROWS, write_sample

MEMORY_LIMIT = "1500MB"
THREADS = 2

BARE = f"""
import json, pathlib, sys, duckdb
config = {{"memory_limit": "{MEMORY_LIMIT}", "threads": {THREADS}}}
with duckdb.connect(sys.argv[1], read_only=True, config=config) as connection:
    for query in json.loads(pathlib.Path(sys.argv[2]).read_text()):
        connection.execute(query).fetchall()
"""

OURS = f"""
import sys
from kpi_pipeline.audit.audit import audit
from kpi_pipeline.contracts.settings import load_settings
settings = load_settings(_env_file=None, home=sys.argv[1], memory_limit="{MEMORY_LIMIT}", threads={THREADS})
assert all(verdict.verdict == "published" for verdict in audit(settings))
"""

IMPORT = "import great_expectations, great_expectations.expectations"


def prepare(folder: Path, rows: int) -> tuple[Settings, Path]:
    """A home with the sample built and judged once, and the queries of all rules."""
    write_sample(folder / "exports", rows=rows)
    settings = load_settings(
        _env_file=None, home=folder / "home", exports=folder / "exports", memory_limit=MEMORY_LIMIT, threads=THREADS
    )
    ingest(settings)
    build(settings, DEFAULT_AS_OF)
    audit(settings)
    asked = {
        "audit.exports": rules_for_exports(
            read_entities(settings.dbt_project, settings.layout_folders), settings, DEFAULT_AS_OF
        ),
        "audit.entities": rules_for_entities(read_lineage(settings.dbt_target).entities, DEFAULT_AS_OF),
        "candidate.kpi_values": rules_for_kpis(read_registry(settings.kpi_models), settings),
    }
    queries = [rule.query.replace("{batch}", batch) for batch, rules in asked.items() for rule in rules]
    path = folder / "queries.json"
    path.write_text(json.dumps(queries))
    return settings, path


def main() -> None:
    """Build the sample, run both in turns, print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as folder:
        # in a process of its own: the commands measured would inherit its peak of memory
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other_process:
            settings, queries = other_process.submit(prepare, Path(folder), given.rows).result()
        print(f"{given.rows:,} web events, {len(json.loads(queries.read_text()))} rules, median of {given.rounds}")
        print(
            compare(
                given.rounds,
                [sys.executable, "-c", BARE, str(settings.warehouse), str(queries)],
                [sys.executable, "-c", OURS, str(settings.home)],
                start_up=[sys.executable, "-c", IMPORT],
            )
        )


if __name__ == "__main__":
    main()
