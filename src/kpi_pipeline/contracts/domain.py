"""What the KPIs of one folder share, and the keyed rows that they name: domains, owners, objectives.

A domain is ``kpi_models/<domain>/_<domain>.yml``, a dbt group; owners and objectives are rows of ``owners.csv`` and
``objectives.csv`` beside the folders, with a title in both languages. A KPI names them by their key.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError, sentences_of

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class Title(BaseModel):
    """A name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: Text
    fa: Text


class Domain(BaseModel):
    """What holds for the KPIs of a domain that do not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    owner: Key
    review_by: dt.date


@dataclass(frozen=True)
class Names:
    """Everything that a KPI may name by its key."""

    domains: Mapping[str, Domain]
    owners: Mapping[str, Title]
    objectives: Mapping[str, Title]


def read_names(kpi_models: Path) -> Names:
    """The domains, owners and objectives of `kpi_models`.

    Raises:
        ConfigurationError: all problems of these files, a line each.
    """
    problems: list[str] = []
    domains: dict[str, Domain] = {}
    for path in sorted(kpi_models.glob("[!_]*/_*.yml")):
        try:
            domains[path.parent.name] = _read_domain(path)
        except ConfigurationError as error:
            problems.append(str(error))
    keyed: dict[str, Mapping[str, Title]] = {}
    for file in ("owners.csv", "objectives.csv"):
        try:
            keyed[file] = _read_titles(kpi_models / file)
        except ConfigurationError as error:
            problems.append(str(error))
    problems += [
        f"{kpi_models / name / f'_{name}.yml'}: there is no owner {domain.owner} in owners.csv; add a line there."
        for name, domain in domains.items()
        if "owners.csv" in keyed and domain.owner not in keyed["owners.csv"]
    ]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return Names(domains, keyed["owners.csv"], keyed["objectives.csv"])


def _read_domain(path: Path) -> Domain:
    name = path.parent.name
    try:
        group = read_yaml(path)["groups"][0]
        given = {"owner": group["owner"]["name"], **group["config"]["meta"]["domain"]}
    except (yaml.YAMLError, ValueError) as error:  # ValueError: what looks like a date and is none, or no UTF-8
        raise ConfigurationError(f"{path}: this is not YAML: {error}") from error
    except (KeyError, IndexError, TypeError) as error:
        raise ConfigurationError(
            f"{path}: it needs one group with owner.name, and title and review_by under config.meta.domain."
        ) from error
    if path.stem != f"_{name}" or group.get("name") != name:
        raise ConfigurationError(f"{path}: file and group are called as their folder: _{name}.yml and {name}.")
    try:
        return Domain.model_validate(given)
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in sentences_of(error))) from error


def _read_titles(path: Path) -> Mapping[str, Title]:
    """The rows of a file of key, title_en and title_fa; none if there is no such file."""
    if not path.exists():
        return {}
    titles: dict[str, Title] = {}
    problems: list[str] = []
    for where, row in read_csv_rows(path, ["key", "title_en", "title_fa"]):
        if row["key"] in titles:
            problems.append(f"{where}: another line has the key {row['key']}.")
        try:
            titles[row["key"]] = Title(en=row["title_en"], fa=row["title_fa"])
        except ValidationError as error:
            problems += [f"{where}: {line}" for line in sentences_of(error)]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return titles


def read_csv_rows(path: Path, columns: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a CSV that people edit, each with where it stands: ``objectives.csv line 3``.

    Raises:
        ConfigurationError: it is no UTF-8 text, its header lacks one of `columns`, or a row has other cells.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: this is not UTF-8 text; save it as CSV UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [name for name in columns if name not in (reader.fieldnames or [])]:
        raise ConfigurationError(
            f"{path} line 1: the header lacks {', '.join(missing)}; separate the columns by commas."
        )
    found = []
    problems = []
    for row in reader:
        where = f"{path} line {reader.line_num}"
        if None in row or None in row.values():
            many = "more" if None in row else "fewer"
            problems.append(f"{where}: it has {many} cells than the header has names.")
        else:
            found.append((where, row))
    if problems:
        raise ConfigurationError("\n".join(problems))
    return found
