"""Beginning a new KPI: copies of ``kpi_models/_template`` under their new name."""

from __future__ import annotations

import re
from pathlib import Path

from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError


def scaffold(settings: Settings, name: str) -> list[Path]:
    """Write ``<domain>/<kpi>.sql`` and ``.yml`` for `name`, given as ``domain/kpi``; for a new domain its file too.

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
    folder = settings.kpi_models / domain
    templates = {
        folder / f"_{domain}.yml": "_domain.yml",
        folder / f"{kpi}.sql": "kpi.sql",
        folder / f"{kpi}.yml": "kpi.yml",
    }
    folder.mkdir(exist_ok=True)
    written = [path for path in templates if not path.exists()]
    for path in written:
        text = (settings.kpi_models / "_template" / templates[path]).read_text(encoding="utf-8")
        path.write_text(text.replace("__kpi__", kpi).replace("__domain__", domain), encoding="utf-8")
    return written
