"""What `kpi ingest` of one large CSV costs, beside a bare `create table as` of the same file with explicit types.

    python -m benchmarks.ingest [--rows 10_000_000] [--rounds 3] [--bad 0]

Both read the same file in a process of their own, with the same memory and threads, and write a DuckDB file. Ours also
types every value by the rules of the layout, counts keys, and writes the ledger. Bad rows are spread evenly over the
file: their moment is no time, and the bare reading takes all moments for text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measure import compare

MEMORY_LIMIT = "1500MB"
THREADS = 2

ORDERS = """
    select
        'o' || i as order_id, 'c' || (i * 7919 % 500000) as customer_id, 'r' || (i % 40) as rep_id,
        case
            when i % {every} = {every} - 1 then 'soon'
            else strftime(timestamp '2023-01-01' + to_seconds(i * 6), '%Y-%m-%d %H:%M:%S')
        end as ordered_at,
        case when i % 20 = 0 then 'cancelled' else 'completed' end as status,
        cast((i % 10007) / 100.0 as decimal(18, 2)) as revenue, cast((i % 5003) / 100.0 as decimal(18, 2)) as cost,
        cast(null as decimal(18, 2)) as discount, 'web' as channel, 'region ' || (i % 30) as region,
        cast(null as text) as campaign, 'repeat' as sale_type
    from range({rows}) as numbers(i)
"""

TYPES = {
    "order_id": "varchar", "customer_id": "varchar", "rep_id": "varchar", "ordered_at": "timestamp",
    "status": "varchar", "revenue": "decimal(18,4)", "cost": "decimal(18,4)", "discount": "decimal(18,4)",
    "channel": "varchar", "region": "varchar", "campaign": "varchar", "sale_type": "varchar",
}  # fmt: skip

BARE = """
import pathlib, sys, duckdb
pathlib.Path(sys.argv[2]).unlink(missing_ok=True)
with duckdb.connect(sys.argv[2], config={{"memory_limit": "{memory}", "threads": {threads}}}) as connection:
    connection.execute("create table orders as select * from read_csv(?, columns = {types}, header = true, "
                       "auto_detect = false, delim = ',')", [sys.argv[1]])
"""

OURS = """
import pathlib, shutil, sys
from kpi_pipeline.ingest.ingest import ingest
from kpi_pipeline.contracts.settings import load_settings
shutil.rmtree(sys.argv[2], ignore_errors=True)
settings = load_settings(_env_file=None, exports=sys.argv[1], home=sys.argv[2], memory_limit="{memory}",
                         threads={threads})
[load] = ingest(settings).files
assert (load.status, load.rows_loaded, load.rows_quarantined) == ("loaded", {rows} - {bad}, {bad}), load
"""


def main() -> None:
    """Write the file, run both in turns, print what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bad", type=int, default=0, help="rows that cannot be typed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as folder:
        exports = Path(folder, "exports")
        file = exports / "crm" / "orders_large.csv"
        file.parent.mkdir(parents=True)
        every = given.rows // given.bad if given.bad else given.rows + 1
        duckdb.sql(f"copy ({ORDERS.format(rows=given.rows, every=every)}) to '{file}' (header)")
        kinds = TYPES | ({"ordered_at": "varchar"} if given.bad else {})
        types = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items()) + "}"
        bare = BARE.format(memory=MEMORY_LIMIT, threads=THREADS, types=types)
        ours = OURS.format(memory=MEMORY_LIMIT, threads=THREADS, rows=given.rows, bad=given.bad)
        size = file.stat().st_size / 1e6
        print(f"{given.rows:,} rows, {given.bad:,} of them bad, {size:,.0f} MB, median of {given.rounds}")
        print(
            compare(
                given.rounds,
                [sys.executable, "-c", bare, str(file), f"{folder}/bare.duckdb"],
                [sys.executable, "-c", ours, str(exports), f"{folder}/home"],
            )
        )


if __name__ == "__main__":
    main()
