"""
### One night: from exports to a published release

1. **ingest** loads what is new in each system's exports. A file that cannot be read is refused and recorded, and the
   night goes on with the rest.
2. **build** computes staging, entities and every KPI in one `dbt build`.
3. **audit** judges every export, entity and KPI.
4. **publish** writes a new release from what passed and moves `published/current` to it. What failed keeps its last
   good rows, marked stale, with the reason.
5. **verdict** is red when anything is held, or there is no number at all, and its message says what and why. The
   release is out all the same.

**When it is red.** *verdict*: read its message, mend the export or the KPI, run the DAG again; nothing is loaded twice.
*Any other task*: nothing was published and BI tools still see the last release; the message says what to do, then clear
the DAG run from the red task on. Killing a task at any moment is safe.

**as_of** is the last business day taken into account: the day before the run, or the day you give when you trigger it.
The schedule is `KPI_SCHEDULE` in `KPI_TIMEZONE`. One task at a time writes the warehouse: pool `warehouse`, one slot.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task

from kpi_pipeline.contracts.export import SYSTEMS
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.schedule import as_of_of, red_sentence, task_defaults

settings = load_settings()


@dag(
    schedule=CronDataIntervalTimetable(settings.schedule, timezone=settings.timezone),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            title="as_of",
            description="Last business day to take into account. Empty: the day before the run.",
        )
    },
    default_args={
        **task_defaults(settings),
        "retry_policy": ExceptionRetryPolicy(
            rules=[RetryRule(exception="kpi_pipeline.errors.ConfigurationError", action=RetryAction.FAIL)]
        ),
    },
    tags=["kpi"],
    doc_md=__doc__,
)
def kpi_nightly() -> None:
    """Declare the graph; the verbs are in `kpi_pipeline`."""

    def ingest_task(system: str) -> Any:
        @task(task_id=f"ingest_{system}")
        def ingest_system() -> None:
            from kpi_pipeline.ingest.ingest import ingest

            ingest(settings, systems=[system])

        return ingest_system()

    @task
    def build(**context: Any) -> None:
        from kpi_pipeline.build.build import build

        build(settings, as_of=as_of_of(context, settings.zone), run=context["run_id"])

    @task
    def audit(**context: Any) -> None:
        from kpi_pipeline.audit.audit import audit

        audit(settings, run=context["run_id"])

    @task
    def publish(**context: Any) -> None:
        from kpi_pipeline.release.publish import publish

        publish(settings, run=context["run_id"])

    @task(retries=0, pool="default_pool")
    def verdict() -> None:
        from airflow.sdk.exceptions import AirflowFailException

        if sentence := red_sentence(settings):
            raise AirflowFailException(sentence)

    # Default trigger rules: a task runs only after everything before it succeeded. An ingest that fails hard (not a bad
    # file, that is recorded; a full disk, say) stops the night, and the last release stays what it was.
    ingested = [ingest_task(system) for system in SYSTEMS]
    ingested >> build() >> audit() >> publish() >> verdict()


kpi_nightly()
