"""
### Rebuild a range of days, oldest first

For after a correction that reaches back: exports delivered late, a mended layout, a changed definition. Trigger it with
the first and the last day; what changes in a past number lands in `kpi_revisions`.

1. **ingest** loads what is new, once.
2. **days** lists the days to rebuild. If a later day than the last one is published already, that day comes at the end,
   so that `published/current` is never left at an older day than before.
3. **rebuild** builds, audits and publishes one day after another and stops at the first that cannot be carried out.
   While it works, `published/current` goes through those days.
4. **verdict** is red when anything is held back, and says what and why.

*rebuild* is one task with a loop, not a task mapped over days: Airflow promises how many mapped tasks run at a time,
but neither in which order nor that the rest wait when one fails, and here each day stands on the one before. When it
fails, clear it: the days that are done are rebuilt to the same content.

It takes the only slot of the pool `warehouse` for as long as it works, and does not start in the middle of a night.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, dag, task

from kpi_pipeline.contracts.export import SYSTEMS
from kpi_pipeline.contracts.settings import load_settings
from kpi_pipeline.schedule import red_sentence, task_defaults

settings = load_settings()


@dag(
    schedule=None,
    max_active_runs=1,
    params={
        "start": Param(type="string", format="date", title="start", description="First day to rebuild."),
        "end": Param(type="string", format="date", title="end", description="Last day to rebuild."),
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
def kpi_backfill() -> None:
    """Declare the graph; the verbs are in `kpi_pipeline`."""

    @task
    def ingest() -> None:
        from kpi_pipeline.ingest.ingest import ingest

        ingest(settings, systems=list(SYSTEMS))

    @task
    def days(**context: Any) -> list[str]:
        from kpi_pipeline.schedule import backfill_days

        start, end = (date.fromisoformat(context["params"][name]) for name in ("start", "end"))
        return [day.isoformat() for day in backfill_days(settings, start, end)]

    @task
    def rebuild(days: list[str], **context: Any) -> None:
        from airflow.sdk.exceptions import AirflowException

        from kpi_pipeline.audit.audit import audit
        from kpi_pipeline.build.build import build
        from kpi_pipeline.release.publish import publish

        # The pool keeps two tasks from writing at once, but between a night's build and its audit the slot is free.
        if context["ti"].get_dr_count("kpi_nightly", states=["running"]):
            raise AirflowException("A night is running, and would audit what this rebuild built; trying again later.")
        for day in days:
            run = f"{context['run_id']}/{day}"
            build(settings, as_of=date.fromisoformat(day), run=run)
            audit(settings, run=run)
            publish(settings, run=run)

    @task(retries=0, pool="default_pool")
    def verdict() -> None:
        from airflow.sdk.exceptions import AirflowFailException

        if sentence := red_sentence(settings):
            raise AirflowFailException(sentence)

    listed = days()
    ingest() >> listed
    rebuild(listed) >> verdict()  # type: ignore[arg-type]  # Airflow hands over the list itself


kpi_backfill()
