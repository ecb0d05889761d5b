"""The contract of an export: which files a system writes, and how they become typed rows of an entity.

The declarations are dbt sources (``dbt_project/models/staging/<system>/_<system>__sources.yml``); this module reads the
same YAML that dbt reads, so that a column, its type and its meaning stand in one place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

from kpi_pipeline.contracts.yaml_files import read_yaml
from kpi_pipeline.errors import ConfigurationError

SYSTEMS = ("analytics", "crm", "hr")
"""The systems that feed the pipeline, in the order in which their exports arrive."""

FileFormat = Literal["csv", "jsonl", "parquet", "xlsx"]
_SUFFIXES: dict[FileFormat, str] = {
    "csv": r"\.(?:csv|tsv|txt)(?:\.gz|\.zip)?",
    "jsonl": r"\.(?:jsonl|ndjson|json)(?:\.gz|\.zip)?",
    "parquet": r"\.parquet",
    "xlsx": r"\.xlsx",
}


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; give an IANA name such as Asia/Tehran")
    return name


class Column(BaseModel):
    """One column of an entity, as typed rows hold it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    data_type: Literal["text", "timestamp", "date", "bigint", "double", "boolean", "decimal(18,4)"]
    required: bool
    meaning: str


class FirstOf(BaseModel):
    """The first of several headers that is not empty in a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_of: list[str]


class ScaleBy(BaseModel):
    """A factor that depends on another header: a yearly price is a twelfth of it a month."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: str
    factors: dict[str, Fraction]
    """The other header's word and the factor: a number, or a fraction such as ``1/12``."""


class Layout(BaseModel):
    """How one tool writes one entity: the files' pattern and which header becomes which column.

    A header may go into a nested value: ``device.category`` is a field of an object, ``event_params[page_location]``
    the value of the named element of a list of keys and values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    files: str
    """Path below the exports folder: ``*`` for anything, ``{date:%Y-%m-%d}`` for the day of the export."""
    format: FileFormat
    columns: dict[str, str | list[str] | FirstOf]
    """Entity column: the header it comes from; several headers are joined by a hyphen (a key made of two columns)."""
    documentation: str | None = None
    """Where the tool documents these headers."""

    # what the file is like
    delimiter: str = ","
    encoding: Literal["utf-8", "utf-16", "windows-1252", "windows-1256"] = "utf-8"
    """Of text without a byte order mark; a mark is always obeyed."""
    preamble: bool = False
    """Whether lines of a report's title stand before the header; the header is the first line that has all columns."""
    sheet: str | None = None
    """Name of a workbook's sheet; its first one where not given."""
    records: str | None = None
    """Key of the list of rows, where a JSON file may be one object around them, as APIs answer."""
    leave_out: dict[str, str] = {}
    """Header: rows whose value matches this regular expression are no rows of the entity (a report's totals)."""
    only: dict[str, str] = {}
    """Header: rows whose value does not match this regular expression are no rows of the entity."""
    new_columns: Literal["evolve", "freeze", "discard"] = "discard"
    """What becomes of headers that the layout does not name. They are recorded, and reported when they are new; evolve
    keeps their values beside the row, freeze refuses a file with new ones, discard drops the values."""
    replaces: Literal["same_name"] | None = None
    """Whether a file replaces what an earlier file of the same name brought."""

    # what its values are like
    constants: dict[str, str] = {}
    """Entity column: the value that every row of this tool has; ``{date}`` is the day in the file's name."""
    values: dict[str, dict[str, str]] = {}
    """Entity column: the tool's word and ours. A word that is not listed passes unchanged; the word ``""`` says what it
    means that the tool writes nothing (no results are ``0``)."""
    otherwise: dict[str, str] = {}
    """Entity column: what every word that `values` does not list becomes."""
    empty: list[str] = []
    """Words that mean that there is no value, such as ``--``."""
    formats: dict[str, str] = {}
    """Entity column, or ``updated_at``: how dates or times are written: a strptime format, ``jalali``, ``epoch_s``,
    ``epoch_ms`` or ``epoch_us``; ISO 8601 where not given."""
    decimal_mark: Literal[".", ","] = "."
    scale: dict[str, Decimal] = {}
    """Entity column: factor to the reporting unit (10 for toman to rial, 0.01 for cents)."""
    scale_by: dict[str, ScaleBy] = {}
    """Entity column: factor to the reporting unit that depends on another header."""
    timezone: Annotated[str, AfterValidator(_known_timezone)] | None = None
    """Time zone of timestamps that carry no offset; KPI_TIMEZONE where not given."""
    updated_at: str | None = None
    """Header of the moment at which a row was last changed: which version of a key is the newest."""
    row_key: str | None = None
    """Entity column that this tool has no key for: filled with the row's hash and its number among equal rows."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = re.split(r"(\*|\{date:[^}]+\})", self.files)
        pattern = "".join(
            "[^/]*" if part == "*" else r"(?P<date>[0-9-]+)" if part.startswith("{date:") else re.escape(part)
            for part in parts
        )
        return re.compile(pattern + _SUFFIXES[self.format])

    def claims(self, path: str) -> bool:
        """Whether `path` (relative to the exports folder, with forward slashes) is a file of this layout."""
        return self._pattern.fullmatch(path) is not None

    def file_date(self, path: str) -> dt.datetime | None:
        """The date that the file's name carries, if the pattern captures one.

        Raises:
            ValueError: the name carries something in its place that is not such a date.
        """
        found = self._pattern.fullmatch(path)
        declared = re.search(r"\{date:([^}]+)\}", self.files)
        if not found or not declared:
            return None
        return dt.datetime.strptime(found["date"], declared[1])

    @property
    def headers(self) -> dict[str, list[str]]:
        """Entity column: the headers it is made from."""
        return {
            name: [given] if isinstance(given, str) else given.first_of if isinstance(given, FirstOf) else given
            for name, given in self.columns.items()
        }


class Entity(BaseModel):
    """One kind of row that a system exports: its columns, its key, and how versions of a key are told apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["analytics", "crm", "hr"]
    name: str
    load: Literal["append", "merge", "snapshot"]
    key: list[str]
    dated_by: str | None
    """Column whose day decides whether a row is known at `as_of`; None where rows have no day of their own."""
    late_after_days: int | None
    """An export whose newest row is older than this at `as_of` is late; None where it comes irregularly."""
    quarantine_max_share: float | None = None
    """This entity's own limit in place of KPI_QUARANTINE_MAX_SHARE."""
    quarantine_max_rows: int | None = None
    """This entity's own limit in place of KPI_QUARANTINE_MAX_ROWS."""
    layouts: list[Layout]
    columns: list[Column]

    @model_validator(mode="after")
    def _columns_exist(self) -> Entity:
        names = {column.name for column in self.columns}
        required = {column.name for column in self.columns if column.required}
        for column in [*self.key, *([self.dated_by] if self.dated_by else [])]:
            if column not in names:
                raise ValueError(f"{column!r} is no column of {self.name}")
        declared = [column.name for column in self.columns]
        if repeated := sorted({name for name in declared if declared.count(name) > 1}):
            raise ValueError(f"the column {', '.join(repeated)} is declared twice")
        for layout in self.layouts:
            filled = {*layout.columns, *layout.constants, *([layout.row_key] if layout.row_key else [])}
            named = filled | {
                *layout.values,
                *layout.otherwise,
                *layout.scale,
                *layout.scale_by,
                *({*layout.formats} - {"updated_at" if layout.updated_at else None}),
            }
            if unknown := sorted(named - names):
                raise ValueError(f"layout {layout.name} names {', '.join(unknown)}, which is no column of {self.name}")
            if missing := sorted(required - filled):
                raise ValueError(f"layout {layout.name} does not say where {', '.join(missing)} comes from")
            for name in [*layout.scale, *layout.scale_by]:
                if (kind := self.column(name).data_type) != "decimal(18,4)":
                    raise ValueError(
                        f"layout {layout.name} scales {name}, which is {kind}; only decimal(18,4) can be scaled"
                    )
            for name in names & {*layout.formats}:
                if (kind := self.column(name).data_type) not in ("date", "timestamp"):
                    raise ValueError(f"layout {layout.name} gives a date format for {name}, which is {kind}")
        return self

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def canonical_layouts(self) -> list[Layout]:
        """The layouts that every entity has without being asked: its own column names, in each format."""
        return [
            Layout(
                name=f"canonical_{file_format}",
                files=f"{self.system}/{self.name}*",
                format=file_format,
                columns={column.name: column.name for column in self.columns},
            )
            for file_format in _SUFFIXES
        ]

    def layout_of(self, path: str) -> Layout | None:
        """The layout that reads the file at `path`: a declared one first, else the canonical one."""
        for layout in [*self.layouts, *self.canonical_layouts]:
            if layout.claims(path):
                return layout
        return None


def read_entities(dbt_project: Path) -> list[Entity]:
    """Every entity that the dbt sources declare, by system and name.

    Raises:
        ConfigurationError: a declaration is incomplete or contradicts itself; the message names file and field.
    """
    entities = []
    for path in sorted((dbt_project / "models" / "staging").glob("*/_*__sources.yml")):
        try:
            document = read_yaml(path)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 0000-00-00, or no UTF-8
            raise ConfigurationError(f"{path}: this is not YAML: {error}") from error
        for system, table in _tables(path, document):
            try:
                entities.append(_entity(system, table))
            except (ValidationError, ValueError) as error:
                raise ConfigurationError(f"{path}: source {system}.{table.get('name')}: {_sentence(error)}") from error
    if not entities:
        raise ConfigurationError(f"{dbt_project}: no export is declared there; is KPI_PROJECT right?")
    systems: dict[str, str] = {}
    for entity in entities:
        if entity.name in systems:
            raise ConfigurationError(
                f"{dbt_project}: {entity.name} is declared by {systems[entity.name]} and {entity.system}; "
                "both would be raw." + entity.name + ". Give one another name."
            )
        systems[entity.name] = entity.system
    return sorted(entities, key=lambda entity: (SYSTEMS.index(entity.system), entity.name))


def _tables(path: Path, document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    sources = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ConfigurationError(f"{path}: it needs a list of sources, each with its tables.")
    for source in sources:
        if not source.get("name"):
            raise ConfigurationError(f"{path}: a source has no name; its system is {' or '.join(SYSTEMS)}.")
        for table in source.get("tables") or []:
            yield source["name"], table


def _entity(system: str, table: dict[str, Any]) -> Entity:
    export = _meta(table).get("export")
    if not isinstance(export, dict):
        raise ValueError("config.meta.export is missing")
    if not table.get("columns"):
        raise ValueError("columns is missing")
    columns = [_column(number, given) for number, given in enumerate(table["columns"], start=1)]
    return Entity.model_validate({"system": system, "name": table.get("name"), "columns": columns, **export})


def _column(number: int, given: dict[str, Any]) -> Column:
    fields = {
        **{field: given[field] for field in ("name", "data_type") if field in given},
        "required": _meta(given).get("required", False),
        "meaning": given.get("description", ""),
    }
    try:
        return Column.model_validate(fields)
    except ValidationError as error:
        raise ValueError(f"column {given.get('name', number)}: {_sentence(error)}") from error


def _meta(given: dict[str, Any]) -> dict[str, Any]:
    """What stands under ``config.meta``; nothing where there is no such thing."""
    return (given.get("config") or {}).get("meta") or {}


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])} {problem['msg'].removeprefix('Value error, ')}".strip()
            for problem in error.errors()
        )
    return str(error)
