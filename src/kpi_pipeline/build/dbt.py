"""Running dbt, in a process of its own, because it keeps the warehouse's lock until its process ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import PipelineError


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment in which dbt runs: the settings that its profile and macros read."""
    return {
        **os.environ,
        "KPI_WAREHOUSE": str(settings.warehouse),
        "KPI_MEMORY_LIMIT": settings.memory_limit,
        "KPI_THREADS": str(settings.threads),
        "KPI_SCRATCH": str(settings.home / "scratch"),
        "KPI_TIMEZONE": settings.timezone,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def dbt_command(settings: Settings, verb: str, *arguments: str) -> list[str]:
    """The command line that runs a verb of dbt on this project, its products under KPI_HOME."""
    return [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", verb,
        "--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(settings.dbt_target), "--log-path", str(settings.home / "dbt" / "logs"),
        *arguments,
    ]  # fmt: skip


def run_dbt(
    settings: Settings, verb: str, *arguments: str, pass_fds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a verb of dbt and keep what it says; whether it succeeded is the caller's to judge.

    Args:
        settings: which project, and which warehouse.
        verb: ``run``, ``test``, ``parse`` ...
        arguments: the rest of the command line.
        pass_fds: descriptors that dbt holds too, until it ends.
    """
    return subprocess.run(
        dbt_command(settings, verb, *arguments),
        env=dbt_environment(settings), pass_fds=pass_fds, capture_output=True, text=True, check=False,
    )  # fmt: skip


def run_models(settings: Settings, select: Sequence[str], lock: int) -> dict[str, str]:
    """Run every model, or those of `select`; returns those that failed or were skipped, each with a sentence why.

    dbt holds the lock too: if this process is killed, no other run begins before dbt has ended.

    Raises:
        PipelineError: dbt itself could not run.
    """
    results_path = settings.dbt_target / "run_results.json"
    results_path.unlink(missing_ok=True)
    done = run_dbt(settings, "run", *(["--select", *select] if select else []), pass_fds=(lock,))
    if not results_path.exists():
        raise PipelineError(f"dbt could not run. Its last words:\n{_last_lines(done.stdout + done.stderr)}")
    results = json.loads(results_path.read_text(encoding="utf-8"))["results"]
    broken = {result["unique_id"]: result for result in results if result["status"] not in ("success", "no-op", "warn")}
    return {node.rsplit(".", 1)[-1]: _why(result, broken) for node, result in broken.items()}


def _why(result: dict[str, Any], broken: dict[str, dict[str, Any]]) -> str:
    message = " ".join(str(result.get("message") or "").split())
    if result["status"] != "skipped":
        return f"its SQL failed: {message}"
    culprits = ", ".join(sorted(other.rsplit(".", 1)[-1] for other in broken if broken[other]["status"] != "skipped"))
    return f"it was not computed because {culprits} failed"


def _last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
