"""A BI tool: a process that asks the current release again and again until its standard input is closed.

Called with the folder `published`. Says ``ready`` after the first answer; at the end, one line of JSON says how often
it asked, what it saw, and everything that was wrong.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

import duckdb

CONSISTENT = {
    "kpi_values is of the night that kpi_runs ends with": """
        select (select max(as_of) from kpi_values) = (select max(as_of) from kpi_runs)
    """,
    "kpi_runs counts the rows that are there": """
        select bool_and(row_count = counted) from (
            select runs.row_count, (select count(*) from kpi_values where kpi_values.kpi = runs.kpi) as counted
            from kpi_runs as runs
            where runs.as_of = (select max(as_of) from kpi_runs) and runs.verdict = 'published'
        )
    """,
    "the scorecard has a line per total": """
        select (select count(*) from kpi_scorecard) = (select count(*) from kpi_values where dimension = 'all')
    """,
    "every scorecard line says what kpi_values says": """
        select count(*) = 0 from kpi_scorecard anti join kpi_values
        on kpi_scorecard.kpi = kpi_values.kpi and kpi_scorecard.period_grain = kpi_values.period_grain
            and kpi_scorecard.period_start = kpi_values.period_start and kpi_values.dimension = 'all'
            and kpi_scorecard.kpi_value is not distinct from kpi_values.kpi_value
            and kpi_scorecard.as_of = kpi_values.as_of
    """,
    "every KPI is in the catalogue": """
        select count(*) = 0 from kpi_values anti join kpi_catalog on kpi_values.kpi = kpi_catalog.kpi
    """,
    "the catalogue and the last night have the same KPIs": """
        select (select list(kpi order by kpi) from kpi_catalog)
            = (select list(kpi order by kpi) from kpi_runs where as_of = (select max(as_of) from kpi_runs))
    """,
}


def ask(published: Path) -> tuple[str, list[str]]:
    """Connect anew and ask everything: the night that is published, and what does not fit together."""
    with duckdb.connect(str(published / "current" / "kpi.duckdb"), read_only=True) as connection:
        wrong = [words for words, sql in CONSISTENT.items() if connection.execute(sql).fetchall() != [(True,)]]
        (as_of,) = connection.execute("select max(as_of) from kpi_values").fetchall()[0]
    return str(as_of), wrong


def main() -> None:
    published = Path(sys.argv[1])
    seen: list[str] = []
    wrong: list[str] = []
    asked = 0
    # a connection that stays open sees its own release to the end
    first = duckdb.connect(str(published / "current" / "kpi.duckdb"), read_only=True)
    at_first = first.execute("select count(*), max(as_of) from kpi_values").fetchall()
    last_round = False
    while True:
        try:
            as_of, found = ask(published)
            wrong += found
            if first.execute("select count(*), max(as_of) from kpi_values").fetchall() != at_first:
                wrong.append("a connection that stayed open saw its release change")
            if as_of not in seen[-1:]:
                seen.append(as_of)
        except Exception as error:  # whatever a BI tool would show its user
            wrong.append(f"{type(error).__name__}: {error}")
        asked += 1
        if asked == 1:
            print("ready", flush=True)
        if last_round:
            break
        # the end of the input is what there is to read; in between, leave the processor to the night
        last_round = bool(select.select([sys.stdin], [], [], 0.1)[0])
    print(json.dumps({"asked": asked, "seen": seen, "wrong": wrong[:20]}))


if __name__ == "__main__":
    main()
