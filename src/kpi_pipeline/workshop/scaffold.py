"""Beginning a new KPI: copies of ``kpi_models/_template`` under their new name."""

from __future__ import annotations

import re
from pathlib import Path

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError


def scaffold(settings: Settings, name: str) -> list[Path]:
    """Write ``<domain>/<kpi>.sql`` and ``.yml`` for `name`, given as ``domain/kpi``.

    Raises:
        ConfigurationError: the name is not of that form, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", name):
        raise ConfigurationError(
            f"{name!r} is no name for a KPI. Give domain/name in small letters, such as sales/orders_per_visit."
        )
    domain, kpi = name.split("/")
    taken = [*settings.kpi_models.glob(f"*/{kpi}.sql"), *settings.kpi_models.glob(f"*/{kpi}.yml")]
    if taken:
        raise ConfigurationError(f"{kpi} exists already: {taken[0]}. Names are unique over all domains.")
    written = []
    for suffix in (".sql", ".yml"):
        template = (settings.kpi_models / "_template" / f"kpi{suffix}").read_text(encoding="utf-8")
        path = settings.kpi_models / domain / f"{kpi}{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(template.replace("__kpi__", kpi), encoding="utf-8")
        written.append(path)
    return written
