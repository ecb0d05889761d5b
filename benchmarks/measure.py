"""Run a command and say what it cost: the wall clock, the processors, and the memory at its peak."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost, its children included."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def cost_of(command: Sequence[str]) -> Cost:
    """Run `command` to its end.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS
    peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)


def compare(rounds: int, baseline: Sequence[str], ours: Sequence[str], start_up: Sequence[str] | None = None) -> str:
    """Run all in turns, `rounds` times; a table of the medians, and what ours costs as a multiple of the baseline.

    A `start_up` is a part of ours that does not follow the data; the last line is what ours costs without it.
    """
    commands = {"baseline": baseline, "ours": ours} | ({"start-up": start_up} if start_up else {})
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(cost_of(command))
    lines = [f"{'':20}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}"]
    medians = {}
    for name, runs in costs.items():
        middle = [statistics.median(getattr(run, field) for run in runs) for field in ("wall_seconds", "cpu_seconds")]
        medians[name] = middle
        lines.append(f"{name:20}{middle[0]:10.1f}{middle[1]:10.1f}{max(run.peak_mb for run in runs):10.0f}")
    ratios = [ours / base for ours, base in zip(medians["ours"], medians["baseline"], strict=True)]
    lines.append(f"{'ratio':20}{ratios[0]:10.2f}{ratios[1]:10.2f}")
    if start_up:
        rest = [
            (ours - start) / base
            for ours, start, base in zip(medians["ours"], medians["start-up"], medians["baseline"], strict=True)
        ]
        lines.append(f"{'without start-up':20}{rest[0]:10.2f}{rest[1]:10.2f}")
    return "\n".join(lines)
