"""``kpi retire``: the end of a KPI, written into its YAML."""

from __future__ import annotations

import datetime as dt
import json
import re

from kpi_pipeline.contracts.domain import read_names
from kpi_pipeline.contracts.kpi import Kpi, read_kpi, read_registry
from kpi_pipeline.contracts.settings import Settings
from kpi_pipeline.errors import ConfigurationError


def retire(settings: Settings, name: str, last_day: dt.date, because: str, successor: str | None = None) -> Kpi:
    """Write into the YAML of a KPI that it ends; the rest of the text stays as it is.

    Args:
        settings: which project.
        name: the KPI.
        last_day: its periods end on that day at the latest.
        because: why, for people who will ask.
        successor: the KPI to look at from then on.

    Returns:
        The KPI as it is now.

    Raises:
        ConfigurationError: there is no such KPI or successor, one of them has ended, or the YAML cannot take the field.
    """
    kpis = {kpi.name: kpi for kpi in read_registry(settings.kpi_models)}
    for known in (name, successor):
        if known is not None and known not in kpis:
            raise ConfigurationError(f"There is no KPI called {known} in {settings.kpi_models}.")
    kpi = kpis[name]
    if kpi.retired_on is not None:
        raise ConfigurationError(f"{name} ends on {kpi.retired_on} already: change it in {kpi.path}.")
    if successor is not None:
        end = kpis[successor].retired_on
        if successor == name or (end is not None and end <= last_day):
            raise ConfigurationError(f"{successor} cannot follow {name}: it does not go on after {last_day}.")
    before = kpi.path.read_bytes()
    kpi.path.write_bytes(_with_the_end(before.decode("utf-8"), kpi, last_day, because, successor).encode("utf-8"))
    try:
        return read_kpi(kpi.path, read_names(settings.kpi_models))
    except ConfigurationError:
        kpi.path.write_bytes(before)
        raise


def _with_the_end(text: str, kpi: Kpi, last_day: dt.date, because: str, successor: str | None) -> str:
    """The YAML with the field ``retired`` behind the last of the KPI's fields."""
    lines = text.splitlines()
    begin = next((number for number, line in enumerate(lines) if re.fullmatch(r" +kpi: *(#.*)?", line)), None)
    if begin is None:
        raise ConfigurationError(f"{kpi.path}: its fields do not stand below a line kpi:, so write retired by hand.")
    inside = begin + 1
    while inside < len(lines) and (not lines[inside].strip() or _indent(lines[inside]) > _indent(lines[begin])):
        inside += 1
    end = max(number for number in range(begin, inside) if lines[number].strip()) + 1
    margin = " " * _indent(lines[begin + 1])
    field = [
        "retired:",
        f"  last_day: {last_day}",
        f"  successor: {successor or 'null'}",
        f"  because: {json.dumps(because, ensure_ascii=False)}",
    ]
    newline = "\r\n" if "\r\n" in text else "\n"
    return newline.join([*lines[:end], *(margin + line for line in field), *lines[end:]]) + newline


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
