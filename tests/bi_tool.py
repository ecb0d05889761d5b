"""Readers in other processes, while nights go on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from company import Company, environment

READER = Path(__file__).parent / "e2e" / "reader.py"


@contextmanager
def bi_tool(company: Company) -> Iterator[dict[str, Any]]:
    """A reader that has had its first answer; its report is filled in when the block ends."""
    report: dict[str, Any] = {}
    reader = subprocess.Popen(
        [sys.executable, str(READER), str(company.settings.published)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        yield report
        said, _ = reader.communicate()
        report.update(json.loads(said))
    finally:
        reader.kill()
        reader.wait()
